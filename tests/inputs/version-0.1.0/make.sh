#!/bin/sh
# Make the files of this folder again with typeset 0.1.0, from source/ (see README.md): make.sh PROGRAM FOLDER
# PROGRAM is that version's `typeset`, FOLDER is new. Keys are drawn anew, so signatures and digests will be others.
set -eu
program=$1 folder=$2
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$folder/content" "$folder/keys" "$folder/roots"
cp -R "$here/source" "$folder/content/delta-appeal"
cd "$folder"
letter=content/delta-appeal

# Certificates of a hundred years, so that the verdict on the signatures does not depend on the day of a test.
for name in chair editor seal; do
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "keys/$name.pem" -out "roots/$name.pem" \
    -days 36500 -subj "/OU=Demonstration only, vouched for by nobody/CN=The $name of the delta (demonstration)" \
    -addext basicConstraints=critical,CA:false -addext keyUsage=critical,digitalSignature,nonRepudiation
  openssl pkcs12 -export -inkey "keys/$name.pem" -in "roots/$name.pem" -out "keys/$name.p12" -passout pass:
done 2>&1
printf '\n' >keys/passphrase
chmod 600 keys/*

cat >typeset.toml <<'END'
trust = ["roots/seal.pem"]

[identities.chair]
file = "keys/chair.p12"
passphrase-file = "keys/passphrase"

[identities.editor]
file = "keys/editor.p12"
passphrase-file = "keys/passphrase"

[identities.seal]
file = "keys/seal.p12"
passphrase-file = "keys/passphrase"

[seal]
identity = "seal"
level = "B-B"

[archive]
folder = "archive"

[preview]
editor = "code --goto {file}:{line}:{column}"
END

key_of() { "$program" identity show "$1" --json | sed -n 's/.*"key": "\([0-9a-f]*\)".*/\1/p'; }
cat >policy.toml <<END

[signoff]
threshold = 2
required = ["chair"]
seal = "$(key_of seal)"

[signoff.titles]
chair = { en = "Chair", fr = "Présidente" }
editor = { en = "Editor", fr = "Rédacteur" }

[[signoff.holders]]
name = "Ada Osei"
lang = "en"
roles = ["chair"]
key = "$(key_of chair)"

[[signoff.holders]]
name = "陳大文"
lang = "zh-Hant"
roles = ["editor"]
key = "$(key_of editor)"
END
cp $letter/letter.toml settings.toml

publish() {
  for role in chair editor; do "$program" approve $letter --role $role --identity $role --yes; done
  "$program" publish $letter | tee published
}

cat settings.toml policy.toml >$letter/letter.toml
"$program" decide doubled-space $letter --print "Coopérative du Marais" --by editor --why "A slip of the keyboard."
publish

digest=$(sed -n 's/.*predecessor = "\([0-9a-f]*\)".*/\1/p' published)
printf '\n[edition]\nnumber = 2\npredecessor = "%s"\nname_withdrawn = [4]\n' "$digest" | cat settings.toml - policy.toml >$letter/letter.toml
"$program" list add "Ngā Hoa o te Awa" --letter $letter --lang mi --kind organisation --consent 2026-11-21
"$program" list withdraw 4 --letter $letter --by editor --why "They asked for it."
"$program" list rename 9 "Ada Osei-Mensah" --letter $letter --by editor --why "She asked for it."
for file in letter.en.md letter.fr.md; do
  sed -i 's/^{closing}/{changes}\n\n{closing}/; s/sixty days/seventy days/; s/soixante jours/soixante-dix jours/' $letter/$file
done
"$program" diff --record $letter
publish
"$program" deliver $letter
