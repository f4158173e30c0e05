//! Faults of the authorization server and of the tokens that it gives.

/// Puts these faults behind those before them, and gives all to the next list.
macro_rules! sign_in_faults {
    ([$next:ident $($later:ident)*] $($before:tt)*) => { $next! { [$($later)*] $($before)*
            OauthDocumentedFlow "oauth.documented-flow" "The authorization server speaks a documented flow of its own, as with --auth utah, in place of SMART App Launch."
            OauthConfigurationNoCapabilities "oauth.configuration-no-capabilities" "The SMART configuration names no capabilities."
            OauthConfigurationPlain "oauth.configuration-plain" "The SMART configuration offers PKCE with the method plain."
            OauthUrisDisagree "oauth.uris-disagree" "The CapabilityStatement names another token endpoint than the SMART configuration."
            OauthRedirectUnregistered "oauth.redirect-unregistered" "The authorization endpoint takes any redirect_uri."
            OauthWrongAudienceAccepted "oauth.wrong-audience-accepted" "The authorization endpoint pays no attention to aud."
            OauthStateDropped "oauth.state-dropped" "The member is sent back without state."
            OauthPkceNotChecked "oauth.pkce-not-checked" "A code is redeemed whatever the code_verifier."
            OauthCodeReusable "oauth.code-reusable" "A code is redeemed again and again."
            OauthWrongClientAccepted "oauth.wrong-client-accepted" "A code is redeemed for any client."
            OauthWrongSecretAccepted "oauth.wrong-secret-accepted" "A client is believed whatever its secret."
            OauthWrongRedirectAccepted "oauth.wrong-redirect-accepted" "A code is redeemed whatever the redirect_uri."
            AccessTokenNoStoreMissing "access-token.no-store-missing" "The token response may be kept by caches."
            AccessTokenTypeMissing "access-token.type-missing" "The token response has no token_type."
            AccessTokenNoExpiresIn "access-token.no-expires-in" "The token response has no expires_in."
            AccessTokenNoScope "access-token.no-scope" "The token response has no scope."
            AccessTokenNoPatient "access-token.no-patient" "The token response has no patient, though launch/patient was granted."
            AccessTokenWrongNonce "access-token.wrong-nonce" "The id_token holds another nonce than the authorization request."
            AccessTokenWrongAudience "access-token.wrong-audience" "The id_token is meant for another client."
            AccessTokenIdTokenUnsigned "access-token.id-token-unsigned" "The id_token has no signature."
            AccessTokenErrorAs200 "access-token.error-as-200" "Errors of the token endpoint are answered 200."
            AccessTokenRefreshRefused "access-token.refresh-refused" "Every refresh token is refused."
            AccessTokenRefreshNotRotated "access-token.refresh-not-rotated" "A refresh gives the same refresh token again."
            AccessTokenRefreshReusable "access-token.refresh-reusable" "A refresh token that was replaced is good again."
            AccessTokenExpiredAccepted "access-token.expired-accepted" "A token that has run out opens the record."
            AccessTokenRevokedAccepted "access-token.revoked-accepted" "A token that was revoked opens the record."
            AccessTokenUnknownActive "access-token.unknown-active" "Introspection says that an unknown token is active."
            AccessTokenScopeIgnored "access-token.scope-ignored" "A token opens more than its scope."
    } };
}
