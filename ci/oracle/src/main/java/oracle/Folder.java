package oracle;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.hl7.fhir.exceptions.FHIRException;
import org.hl7.fhir.r5.context.IWorkerContext;
import org.hl7.fhir.r5.elementmodel.Element;
import org.hl7.fhir.r5.elementmodel.Manager;
import org.hl7.fhir.r5.elementmodel.Manager.FhirFormat;
import org.hl7.fhir.r5.model.CanonicalResource;
import org.hl7.fhir.r5.model.CanonicalType;
import org.hl7.fhir.r5.utils.validation.IResourceValidator;
import org.hl7.fhir.r5.utils.validation.IValidatorResourceFetcher;

/** The resources of a folder, found by relative reference, so that the validator can follow references among them. */
final class Folder implements IValidatorResourceFetcher {
  private final IWorkerContext context;
  private final Map<String, byte[]> byReference = new TreeMap<>();
  private final Map<Path, byte[]> files = new TreeMap<>();

  Folder(IWorkerContext context, Path folder) throws IOException {
    this.context = context;
    List<Path> paths;
    try (Stream<Path> all = Files.list(folder)) {
      paths = all.filter(path -> path.toString().endsWith(".json")).sorted().toList();
    }
    for (Path path : paths) {
      byte[] content = Files.readAllBytes(path);
      files.put(path, content);
      know(content);
    }
  }

  /** Follows references into another folder too. */
  void lookIn(Path folder) throws IOException {
    byReference.clear();
    try (Stream<Path> all = Files.list(folder)) {
      for (Path path : all.filter(path -> path.toString().endsWith(".json")).sorted().toList()) {
        know(Files.readAllBytes(path));
      }
    }
  }

  private void know(byte[] content) {
    try {
      JsonObject resource = JsonParser.parseString(new String(content, StandardCharsets.UTF_8)).getAsJsonObject();
      byReference.putIfAbsent(resource.get("resourceType").getAsString() + "/" + resource.get("id").getAsString(), content);
    } catch (RuntimeException error) {
      // A resource that is wrong on purpose is no target of references.
    }
  }

  Map<Path, byte[]> files() {
    return files;
  }

  private Element parse(byte[] content) throws IOException {
    return Manager.parseSingle(context, new ByteArrayInputStream(content), FhirFormat.JSON);
  }

  @Override
  public Element fetch(IResourceValidator validator, Object appContext, String url) throws FHIRException, IOException {
    byte[] content = byReference.get(url);
    return content == null ? null : parse(content);
  }

  @Override
  public boolean resolveURL(IResourceValidator validator, Object appContext, String path, String url,
      IWorkerContext.VersionResolutionRules rules, String type, boolean canonical, List<CanonicalType> targets) {
    // Identifier systems of the record are names that no server stands behind.
    return true;
  }

  @Override
  public byte[] fetchRaw(IResourceValidator validator, String url) {
    return byReference.get(url);
  }

  @Override
  public IValidatorResourceFetcher setLocale(Locale locale) {
    return this;
  }

  @Override
  public CanonicalResource fetchCanonicalResource(IResourceValidator validator, Object appContext, String url) {
    return null;
  }

  @Override
  public boolean fetchesCanonicalResource(IResourceValidator validator, String url) {
    return false;
  }

  @Override
  public Set<ResourceVersionInformation> fetchCanonicalResourceVersions(IResourceValidator validator, Object appContext, String url) {
    return new HashSet<>();
  }
}
