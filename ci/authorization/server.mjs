// An authorization server that nobody of this project wrote (oidc-provider), set up as a payer's would be:
// members sign in by forms, apps get tokens by code and PKCE, by refresh, and by a signed assertion.
// Usage: node server.mjs SETTINGS.json. Prints one JSON line when it listens.
import { createPublicKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import Provider from 'oidc-provider';

// { port, audience, tokenSeconds, clientSecret, clientKeyFile }
const settings = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const issuer = `http://127.0.0.1:${settings.port}`;
const memberScopes = ['openid', 'offline_access', 'fhirUser', 'launch/patient', 'patient/*.rs', 'patient/*.read', 'patient/Patient.rs'];
const systemScopes = ['system/*.rs'];
const scopes = [...memberScopes, ...systemScopes];

const key = { ...createPublicKey(readFileSync(settings.clientKeyFile)).export({ format: 'jwk' }), kid: 'signing-key', use: 'sig', alg: 'ES384' };

const app = {
  // Any port will do for a native app (RFC 8252 section 7.3).
  redirect_uris: ['http://127.0.0.1/callback'],
  grant_types: ['authorization_code', 'refresh_token'],
  response_types: ['code'],
  application_type: 'native',
  scope: memberScopes.join(' '),
};
const signed = { token_endpoint_auth_method: 'private_key_jwt', token_endpoint_auth_signing_alg: 'ES384', jwks: { keys: [key] } };

const provider = new Provider(issuer, {
  clients: [
    { ...app, client_id: 'public-app', token_endpoint_auth_method: 'none' },
    { ...app, client_id: 'basic-app', client_secret: settings.clientSecret, token_endpoint_auth_method: 'client_secret_basic' },
    { ...app, client_id: 'post-app', client_secret: settings.clientSecret, token_endpoint_auth_method: 'client_secret_post' },
    { ...app, ...signed, client_id: 'signing-app' },
    { ...signed, client_id: 'backend-service', grant_types: ['client_credentials'], redirect_uris: [], response_types: [], scope: systemScopes.join(' ') },
    // The payer, which asks what tokens are good for.
    { client_id: 'payer', client_secret: settings.clientSecret, grant_types: [], redirect_uris: [], response_types: [] },
  ],
  scopes,
  claims: { openid: ['sub'], fhirUser: ['fhirUser'] },
  conformIdTokenClaims: false,
  pkce: { required: () => true },
  clientAuthMethods: ['none', 'client_secret_basic', 'client_secret_post', 'private_key_jwt'],
  enabledJWA: { clientAuthSigningAlgValues: ['ES384', 'RS384'] },
  ttl: { AccessToken: settings.tokenSeconds, ClientCredentials: settings.tokenSeconds },
  features: {
    devInteractions: { enabled: true },
    clientCredentials: { enabled: true },
    introspection: { enabled: true, allowedPolicy: () => true },
    revocation: { enabled: true },
  },
  // A member signs in with the id of the own Patient.
  findAccount: (context, id) => ({ accountId: id, claims: () => ({ sub: id, fhirUser: `${settings.audience}/Patient/${id}` }) }),
  extraTokenClaims: (context, token) => (token.accountId ? { patient: token.accountId } : undefined),
  cookies: { keys: ['only for a test'] },
});

// SMART App Launch names the member in the token response.
provider.use(async (context, next) => {
  await next();
  const member = context.oidc?.account?.accountId;
  if (context.oidc?.route === 'token' && context.body?.access_token && member) {
    context.body = { ...context.body, patient: member };
  }
});

provider.listen(settings.port, '127.0.0.1', () => console.log(JSON.stringify({ issuer })));
