/** Refusals of an access token, and of the user or program that it speaks for: rows of the one table of failures. */
export const tokenFailures = {
  tokenMissing: {
    code: 'unauthenticated',
    message:
      'No access token was sent. Send the header "Authorization: Bearer <token>" with a token of a signed-in user.',
    inner: 'Access token is missing',
    target: 'Authorization',
  },
  tokenMalformed: {
    code: 'unauthenticated',
    message:
      'The access token is not a JSON Web Token: {reason}. Send the access_token of the token answer, whole and without quotes.',
    inner: 'Access token is malformed',
    target: 'Authorization',
  },
  algorithmNotAllowed: {
    code: 'unauthenticated',
    message:
      'The access token is signed in a way that is not accepted here. Use an issuer that signs with RS256 or ES256.',
    inner: 'Signature algorithm is not allowed',
    target: 'Authorization',
  },
  issuerUnknown: {
    code: 'unauthenticated',
    message:
      'The access token comes from an issuer that this exchange does not trust. Get a token from a trusted issuer, or ask the operator to add yours to ISSUERS.',
    inner: 'Token issuer is not trusted',
    target: 'Authorization',
  },
  signingKeyUnknown: {
    code: 'unauthenticated',
    message: 'The access token is signed with a key that its issuer does not publish. Get a new token.',
    inner: 'Signing key is unknown',
    target: 'Authorization',
  },
  signatureInvalid: {
    code: 'unauthenticated',
    message: 'The signature of the access token is wrong. Get a new token and send it unchanged.',
    inner: 'Token signature is invalid',
    target: 'Authorization',
  },
  claimInvalid: {
    code: 'unauthenticated',
    message: 'The claim "{claim}" of the access token is missing or has the wrong form. Ask the issuer to send it.',
    inner: 'Token claim is invalid',
    target: 'Authorization',
  },
  audienceWrong: {
    code: 'unauthenticated',
    message: 'The access token is meant for another API. Ask for a token whose audience is {audiences}.',
    inner: 'Token audience is wrong',
    target: 'Authorization',
  },
  tenantNotBound: {
    code: 'unauthenticated',
    message:
      'The tenant of the access token is not one that its issuer may speak for here. Sign in with your own tenant, or ask the operator to bind it.',
    inner: 'Tenant is not bound to this issuer',
    target: 'Authorization',
  },
  tokenExpired: {
    code: 'unauthenticated',
    message: 'The access token expired at {expiredAt}. Get a new one.',
    inner: 'Token has expired',
    target: 'Authorization',
  },
  tokenNotYetValid: {
    code: 'unauthenticated',
    message: 'The access token is not valid before {validFrom}. Check the clocks of both machines.',
    inner: 'Token is not yet valid',
    target: 'Authorization',
  },
  mfaRequired: {
    code: 'unauthenticated',
    message:
      'This exchange requires multi-factor authentication, and the access token does not show it: {reason}. Sign in again with a second factor.',
    inner: 'MFA required',
    target: 'Authorization',
    innerCode: '900421',
  },
  userRequired: {
    code: 'accessDenied',
    message:
      'A signed-in user is required: this token was issued to an application alone (it has no "scp" claim). Get an App+User token by a flow in which a user signs in.',
    inner: 'App-only tokens are not accepted',
    target: 'Authorization',
  },
  userUnknown: {
    code: 'accessDenied',
    message:
      'A signed-in user of the directory is required, and the user of this token is not in it. Ask the operator to add him: npx --no cosell directory add user.',
    inner: 'User is not in the directory',
    target: 'Authorization',
  },
  userInactive: {
    code: 'accessDenied',
    message:
      'The user of this token is in the directory, and not active any more. Ask an administrator of your organisation, or the operator, to make him active again.',
    inner: 'User is not active',
    target: 'Authorization',
  },
  organizationInactive: {
    code: 'accessDenied',
    message:
      'The organisation of this user is not active any more in this exchange. Ask the operator to make it active again.',
    inner: 'Organisation is not active',
    target: 'Authorization',
  },
  consentMissing: {
    code: 'accessDenied',
    message:
      'The program of this token may not act for this user: the program is not active, or the consent to it was not given or was withdrawn. Let the user sign in with it again and allow it, or use another program.',
    inner: 'Consent is missing',
    target: 'Authorization',
  },
} as const;
