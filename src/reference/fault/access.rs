//! Faults of who may see what.

/// Puts these faults behind those before them, and gives all to the next list.
macro_rules! access_faults {
    ([$next:ident $($later:ident)*] $($before:tt)*) => { $next! { [$($later)*] $($before)*
            AuthTokenNotRequired "auth.token-not-required" "Whoever has no token sees everything."
            AuthOtherMemberVisible "auth.other-member-visible" "A token opens the resources of other members."
            AuthMalformedTokenAccepted "auth.malformed-token-accepted" "A token that cannot be one opens a record."
            AuthAnySchemeAccepted "auth.any-scheme-accepted" "A token is taken under whatever scheme it comes."
            AuthAlteredTokenAccepted "auth.altered-token-accepted" "The last letter of a token is not looked at."
            AuthForeignTokenAccepted "auth.foreign-token-accepted" "A token of another resource server opens a record."
            AuthTokenInQueryAccepted "auth.token-in-query-accepted" "A token is taken from the URL."
            AuthOpenRead "auth.open-read" "A read is answered whoever calls."
            AuthOpenVread "auth.open-vread" "A vread is answered whoever calls."
            AuthOpenSearch "auth.open-search" "A search is answered whoever calls."
            AuthOpenInclude "auth.open-include" "A search with _include is answered whoever calls."
            AuthOpenPostSearch "auth.open-post-search" "A search by POST is answered whoever calls."
            AuthOpenHistory "auth.open-history" "The history of a resource is answered whoever calls."
            AuthOpenOperation "auth.open-operation" "An operation is answered whoever calls."
            AuthOpenPages "auth.open-pages" "The pages of a search but the first are shown whoever calls."
            AuthRedirectsToLogin "auth.redirects-to-login" "Who has no token is sent on to a page for people."
            AuthLoginPage "auth.login-page" "Who has no token is shown a page for people, with status 200."
            AuthRefusalTellsMember "auth.refusal-tells-member" "The refusal of an unknown token tells when a member was born."
            AuthOtherMemberByRead "auth.other-member-by-read" "A read brings a resource of any member."
            AuthOtherMemberByVread "auth.other-member-by-vread" "A vread brings a resource of any member."
            AuthOtherMemberByHistory "auth.other-member-by-history" "The history of a resource is shown whosever it is."
            AuthOtherMemberBySearch "auth.other-member-by-search" "A search without criteria brings the resources of all members."
            AuthOtherMemberById "auth.other-member-by-id" "A search by _id brings a resource of any member."
            AuthOtherMemberByIdentifier "auth.other-member-by-identifier" "A search by identifier brings a resource of any member."
            AuthOtherMemberByChain "auth.other-member-by-chain" "A search by a chain brings the resources of any member."
            AuthOtherMemberByInclude "auth.other-member-by-include" "An include brings, beside what is referenced, what other members have of that type."
            AuthOtherMemberByRevInclude "auth.other-member-by-rev-include" "A reverse include brings what refers to a match, whosever it is."
            AuthOtherMemberByEverything "auth.other-member-by-everything" "$everything is answered for any patient."
            AuthOtherMemberByPage "auth.other-member-by-page" "A page is shown to whoever has its address."
            AuthMetadataGuarded "auth.metadata-guarded" "The CapabilityStatement is shown to who has a token only."
            AuthNoChallenge "auth.no-challenge" "A refusal for want of a token has no WWW-Authenticate."
    } };
}
