import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.File;
import java.util.LinkedHashMap;
import java.util.Map;
import org.verapdf.core.ModelParsingException;
import org.verapdf.gf.foundry.VeraGreenfieldFoundryProvider;
import org.verapdf.pdfa.Foundries;
import org.verapdf.pdfa.PDFAParser;
import org.verapdf.pdfa.PDFAValidator;
import org.verapdf.pdfa.VeraPDFFoundry;
import org.verapdf.pdfa.flavours.PDFAFlavour;
import org.verapdf.pdfa.results.TestAssertion;
import org.verapdf.pdfa.results.ValidationResult;
import org.verapdf.pdfa.validation.profiles.RuleId;

/** Checks PDF files against flavours, `VeraPdf 3a,ua1 FILE…`, and prints a JSON object a line for each file and flavour. */
public class VeraPdf {
    private static final ObjectMapper JSON = new ObjectMapper();

    public static void main(String[] arguments) throws Exception {
        VeraGreenfieldFoundryProvider.initialise();
        VeraPDFFoundry foundry = Foundries.defaultInstance();
        for (int i = 1; i < arguments.length; i++) {
            for (String name : arguments[0].split(",")) {
                System.out.println(JSON.writeValueAsString(verdict(foundry, arguments[i], name)));
            }
        }
    }

    private static Map<String, Object> verdict(VeraPDFFoundry foundry, String path, String name) throws Exception {
        PDFAFlavour flavour = PDFAFlavour.fromString(name);
        if (flavour == PDFAFlavour.NO_FLAVOUR) {
            throw new IllegalArgumentException("no flavour is called " + name);
        }
        Map<String, Map<String, Object>> failures = new LinkedHashMap<>();
        int checks = 0;
        try (PDFAParser parser = foundry.createParser(new File(path), flavour);
                PDFAValidator validator = foundry.createValidator(flavour, false)) {
            ValidationResult result = validator.validate(parser);
            checks = result.getTotalAssertions();
            for (Map.Entry<RuleId, Integer> failed : result.getFailedChecks().entrySet()) {
                failures.put(rule(failed.getKey()), failure(rule(failed.getKey()), failed.getValue(), ""));
            }
            for (TestAssertion assertion : result.getTestAssertions()) {
                if (assertion.getStatus() == TestAssertion.Status.FAILED) {
                    failures.get(rule(assertion.getRuleId())).put("message", assertion.getMessage());
                }
            }
        } catch (ModelParsingException unreadable) {
            failures.put("unreadable", failure("unreadable", 1, unreadable.getMessage()));
        }
        Map<String, Object> verdict = new LinkedHashMap<>();
        verdict.put("path", path);
        verdict.put("flavour", flavour.getId());
        verdict.put("checks", checks);
        verdict.put("failures", failures.values());
        return verdict;
    }

    /** The message is the rule's own, the same for every place that breaks it. */
    private static Map<String, Object> failure(String rule, int times, String message) {
        Map<String, Object> failure = new LinkedHashMap<>();
        failure.put("rule", rule);
        failure.put("times", times);
        failure.put("message", message);
        return failure;
    }

    private static String rule(RuleId id) {
        return id.getClause() + "-" + id.getTestNumber();
    }
}
