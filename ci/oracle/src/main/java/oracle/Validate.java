package oracle;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.hl7.fhir.r5.elementmodel.Manager.FhirFormat;
import org.hl7.fhir.r5.utils.validation.constants.ReferenceValidationPolicy;
import org.hl7.fhir.utilities.validation.ValidationMessage;
import org.hl7.fhir.validation.ValidationEngine;
import org.hl7.fhir.validation.instance.advisor.BasePolicyAdvisorForFullValidation;

/**
 * Judges folders of JSON resources with HL7's validator, offline, against the profiles they claim.
 *
 * <p>Arguments: CARIN version, US Core version, then folders as [timed:]FOLDER[:NEIGHBOURS]. References are followed within the folder
 * and its neighbours' folder; a timed folder is judged twice, and the times of the second, warm pass count. Standard output: a JSON
 * object a file: {file, milliseconds, messages}. Exit status: 0 when everything was judged, 2 when not.
 */
public final class Validate {
  public static void main(String[] arguments) throws Exception {
    if (arguments.length < 3) {
      System.err.println("usage: Validate CARIN-VERSION US-CORE-VERSION [timed:]FOLDER[:NEIGHBOURS]...");
      System.exit(2);
    }
    // The validator chats on standard output; the report alone belongs there.
    PrintStream report = System.out;
    System.setOut(System.err);
    long began = System.nanoTime();
    ValidationEngine engine = engine(arguments[0], arguments[1]);
    System.err.printf("loaded in %.1f s%n", (System.nanoTime() - began) / 1e9);
    int files = 0;
    for (String given : Arrays.copyOfRange(arguments, 2, arguments.length)) {
      boolean timed = given.startsWith("timed:");
      String[] folders = (timed ? given.substring("timed:".length()) : given).split(":");
      Folder folder = new Folder(engine.getContext(), Path.of(folders[0]));
      if (folders.length > 1) {
        folder.lookIn(Path.of(folders[1]));
      }
      engine.setFetcher(folder);
      if (timed) {
        for (byte[] content : folder.files().values()) {
          judge(engine, content);
        }
      }
      for (Map.Entry<Path, byte[]> file : folder.files().entrySet()) {
        report.println(line(file.getKey(), engine, file.getValue()));
        files++;
      }
      if (folder.files().isEmpty()) {
        System.err.println(folders[0] + " holds no resource");
        System.exit(2);
      }
    }
    report.flush();
    System.err.println(files + " files");
    System.exit(0);
  }

  private static ValidationEngine engine(String carin, String core) throws Exception {
    ValidationEngine engine = new ValidationEngine.ValidationEngineBuilder()
        .withVersion("4.0.1")
        .withUserAgent("payerspec-oracle")
        .withNoTerminologyServer()
        .fromSource("hl7.fhir.r4.core#4.0.1");
    engine.loadPackage("hl7.fhir.us.core", core);
    engine.loadPackage("hl7.fhir.us.carin-bb", carin);
    engine.getIgLoader().loadIg(engine.getIgs(), engine.getBinaries(), System.getProperty("user.home") + "/stand-in", true);
    engine.prepare();
    engine.setPolicyAdvisor(new BasePolicyAdvisorForFullValidation(ReferenceValidationPolicy.CHECK_TYPE_IF_EXISTS, Set.of()));
    return engine;
  }

  private static List<ValidationMessage> judge(ValidationEngine engine, byte[] content) {
    List<ValidationMessage> messages = new ArrayList<>();
    try {
      engine.validate(content, FhirFormat.JSON, new ArrayList<>(), messages);
    } catch (Exception | StackOverflowError error) {
      // What cannot even be read is an error of the resource.
      messages.add(new ValidationMessage(ValidationMessage.Source.InstanceValidator, ValidationMessage.IssueType.EXCEPTION, "$",
          error.toString(), ValidationMessage.IssueSeverity.FATAL));
    }
    return messages;
  }

  private static String line(Path file, ValidationEngine engine, byte[] content) {
    long began = System.nanoTime();
    List<ValidationMessage> messages = judge(engine, content);
    double milliseconds = (System.nanoTime() - began) / 1e6;
    JsonArray found = new JsonArray();
    for (ValidationMessage message : messages) {
      JsonObject one = new JsonObject();
      one.addProperty("severity", message.getLevel().toCode());
      one.addProperty("id", message.getMessageId());
      one.addProperty("location", message.getLocation());
      one.addProperty("message", message.getMessage());
      found.add(one);
    }
    JsonObject object = new JsonObject();
    object.addProperty("file", file.toString());
    object.addProperty("milliseconds", milliseconds);
    object.add("messages", found);
    return object.toString();
  }
}
