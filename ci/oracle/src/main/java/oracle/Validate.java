package oracle;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.hl7.fhir.r5.elementmodel.Manager.FhirFormat;
import org.hl7.fhir.r5.utils.validation.constants.ReferenceValidationPolicy;
import org.hl7.fhir.utilities.validation.ValidationMessage;
import org.hl7.fhir.validation.ValidationEngine;
import org.hl7.fhir.validation.instance.advisor.BasePolicyAdvisorForFullValidation;

/**
 * Judges a folder of JSON resources with HL7's validator, offline, against the profiles they claim.
 *
 * <p>Arguments: CARIN version, US Core version, folder. Standard output: one JSON object per message.
 * Exit status: 0 without errors, 1 with errors, 2 when it could not look.
 */
public final class Validate {
  public static void main(String[] arguments) throws Exception {
    if (arguments.length != 3) {
      System.err.println("usage: Validate CARIN-VERSION US-CORE-VERSION FOLDER");
      System.exit(2);
    }
    // The validator chats on standard output; the report alone belongs there.
    PrintStream report = System.out;
    System.setOut(System.err);
    ValidationEngine engine = new ValidationEngine.ValidationEngineBuilder()
        .withVersion("4.0.1")
        .withUserAgent("payerspec-oracle")
        .withNoTerminologyServer()
        .fromSource("hl7.fhir.r4.core#4.0.1");
    engine.loadPackage("hl7.fhir.us.core", arguments[1]);
    engine.loadPackage("hl7.fhir.us.carin-bb", arguments[0]);
    engine.getIgLoader().loadIg(engine.getIgs(), engine.getBinaries(), System.getProperty("user.home") + "/stand-in", true);
    engine.prepare();
    Folder folder = new Folder(engine.getContext(), Path.of(arguments[2]));
    engine.setFetcher(folder);
    engine.setPolicyAdvisor(new BasePolicyAdvisorForFullValidation(ReferenceValidationPolicy.CHECK_VALID, Set.of()));
    int errors = 0;
    for (Map.Entry<Path, byte[]> file : folder.files().entrySet()) {
      List<ValidationMessage> messages = new ArrayList<>();
      engine.validate(file.getValue(), FhirFormat.JSON, new ArrayList<>(), messages);
      for (ValidationMessage message : messages) {
        if (message.getLevel().isError()) {
          errors++;
        }
        report.println(line(file.getKey(), message));
      }
    }
    report.flush();
    int files = folder.files().size();
    System.err.println(files + " files, " + errors + " errors");
    System.exit(files == 0 ? 2 : errors == 0 ? 0 : 1);
  }

  private static String line(Path file, ValidationMessage message) {
    JsonObject object = new JsonObject();
    object.addProperty("file", file.getFileName().toString());
    object.addProperty("severity", message.getLevel().toCode());
    object.addProperty("id", message.getMessageId());
    object.addProperty("location", message.getLocation());
    object.addProperty("message", message.getMessage());
    if (message.getSliceInfo() != null) {
      JsonArray details = new JsonArray();
      message.getSliceInfo().forEach(detail -> details.add(String.valueOf(detail)));
      object.add("details", details);
    }
    return object.toString();
  }
}
