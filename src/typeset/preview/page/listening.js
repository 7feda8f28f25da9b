// The line to the server: what it tells, for as long as somebody looks, whatever happens to the line in between.

const PATIENCE = 8000;

// A line that is cut, or says nothing for longer than it ever would, is opened anew; the newest state comes with it.
// A browser keeps six lines to one place: a tab that nobody sees lets go of its own.
export function listen(told, silent) {
  let events;
  let heard = 0;
  let later;

  const open = () => {
    clearTimeout(later);
    events?.close();
    if (document.hidden) return;
    heard = performance.now();
    events = new EventSource("/events");
    events.onmessage = (event) => {
      heard = performance.now();
      told(JSON.parse(event.data));
    };
    events.addEventListener("alive", () => {
      heard = performance.now();
    });
    events.onerror = lost;
  };

  const lost = async () => {
    silent("said.silent");
    if (events.readyState !== EventSource.CLOSED) return;
    later = setTimeout(open, 1500);
    // Another server with another token has taken the place of this one: nothing here can open it.
    const answer = await fetch("/icon.svg", { cache: "no-store" }).catch(() => undefined);
    if (answer?.status === 403) silent("said.anew");
  };

  setInterval(() => {
    if (document.hidden || performance.now() - heard < PATIENCE) return;
    silent("said.silent");
    open();
  }, 1000);
  document.addEventListener("visibilitychange", () => (document.hidden ? events?.close() : open()));
  window.addEventListener("online", open);
  open();
}
