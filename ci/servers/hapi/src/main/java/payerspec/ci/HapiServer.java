package payerspec.ci;

import ca.uhn.fhir.context.FhirContext;
import ca.uhn.fhir.context.support.IValidationSupport;
import ca.uhn.fhir.jpa.api.config.JpaStorageSettings;
import ca.uhn.fhir.jpa.api.dao.IFhirSystemDao;
import ca.uhn.fhir.jpa.provider.JpaCapabilityStatementProvider;
import ca.uhn.fhir.jpa.provider.JpaSystemProvider;
import ca.uhn.fhir.jpa.search.DatabaseBackedPagingProvider;
import ca.uhn.fhir.narrative2.NullNarrativeGenerator;
import ca.uhn.fhir.rest.api.EncodingEnum;
import ca.uhn.fhir.rest.server.HardcodedServerAddressStrategy;
import ca.uhn.fhir.rest.server.RestfulServer;
import ca.uhn.fhir.rest.server.provider.ResourceProviderFactory;
import ca.uhn.fhir.rest.server.util.ISearchParamRegistry;
import org.eclipse.jetty.ee10.servlet.ServletContextHandler;
import org.eclipse.jetty.ee10.servlet.ServletHolder;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;

/** A HAPI FHIR R4 JPA server in one process, on loopback, forgetting everything at its end. */
public final class HapiServer {
  private HapiServer() {}

  /**
   * Serves {@code http://127.0.0.1:PORT/fhir} until killed.
   *
   * @param arguments the port
   */
  public static void main(String[] arguments) throws Exception {
    int port = Integer.parseInt(arguments[0]);
    var spring = new AnnotationConfigApplicationContext(HapiConfig.class);

    var server = new Server(new QueuedThreadPool(24, 4));
    var connector = new ServerConnector(server);
    connector.setHost("127.0.0.1");
    connector.setPort(port);
    server.addConnector(connector);
    var root = new ServletContextHandler("/");
    root.addServlet(new ServletHolder(endpoint(spring, port)), "/fhir/*");
    server.setHandler(root);
    server.start();
    server.join();
  }

  private static RestfulServer endpoint(AnnotationConfigApplicationContext spring, int port) {
    var context = spring.getBean(FhirContext.class);
    // HAPI's examples switch narratives off too: generated ones would differ from the loaded resources.
    context.setNarrativeGenerator(new NullNarrativeGenerator());
    var endpoint = new RestfulServer(context);
    endpoint.registerProviders(spring.getBean(ResourceProviderFactory.class).createProviders());
    endpoint.registerProvider(spring.getBean(JpaSystemProvider.class));
    endpoint.setPagingProvider(spring.getBean(DatabaseBackedPagingProvider.class));
    endpoint.setDefaultResponseEncoding(EncodingEnum.JSON);
    endpoint.setServerAddressStrategy(
        new HardcodedServerAddressStrategy("http://127.0.0.1:" + port + "/fhir"));
    var metadata =
        new JpaCapabilityStatementProvider(
            endpoint,
            spring.getBean(IFhirSystemDao.class),
            spring.getBean(JpaStorageSettings.class),
            spring.getBean(ISearchParamRegistry.class),
            spring.getBean(IValidationSupport.class));
    metadata.setImplementationDescription("HAPI FHIR R4 JPA server for tests");
    endpoint.setServerConformanceProvider(metadata);
    return endpoint;
  }
}
