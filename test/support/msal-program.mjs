// A program as integrations write it, on MSAL alone. It is told by its environment where to sign in; what it is to do
// comes line by line, and each line is answered by one.
import { createInterface } from 'node:readline';
import { ConfidentialClientApplication, PublicClientApplication } from '@azure/msal-node';

const { AUTHORITY = '', CLIENT_ID = '', TENANT = '', ROBOT_ID = '', ROBOT_SECRET = '', API = '' } = process.env;
const scopes = ['https://api.partner.microsoft.com/.default'];
const knownAuthorities = [new URL(AUTHORITY).host];
const application = new PublicClientApplication({
  auth: { clientId: CLIENT_ID, authority: AUTHORITY, knownAuthorities },
});
const robot = new ConfidentialClientApplication({
  auth: {
    clientId: ROBOT_ID,
    clientSecret: ROBOT_SECRET,
    authority: new URL(TENANT, AUTHORITY).href,
    knownAuthorities,
  },
});
/** @type {any} */
let account;

/** @param {any} result */
const told = async (result) => {
  const { status } = await fetch(API, { headers: { authorization: `Bearer ${result.accessToken}` } });
  return {
    status,
    token: result.accessToken,
    fromCache: result.fromCache,
    scopes: result.scopes,
    username: result.account?.username,
    homeAccountId: result.account?.homeAccountId,
    tenantId: result.tenantId,
  };
};

/** @type {Record<string, (input: any) => any>} */
const orders = {
  authCodeUrl: ({ challenge, redirectUri }) =>
    application.getAuthCodeUrl({ scopes, redirectUri, codeChallenge: challenge, codeChallengeMethod: 'S256' }),
  async redeem({ code, verifier, redirectUri }) {
    const result = await application.acquireTokenByCode({ scopes, code, redirectUri, codeVerifier: verifier });
    account = result.account;
    return told(result);
  },
  silent: async () => told(await application.acquireTokenSilent({ scopes, account })),
  refresh: async () => told(await application.acquireTokenSilent({ scopes, account, forceRefresh: true })),
  async device() {
    const result = await application.acquireTokenByDeviceCode({
      scopes,
      deviceCodeCallback: ({ userCode, verificationUri, message }) =>
        process.stdout.write(`${JSON.stringify({ device: { userCode, verificationUri, message } })}\n`),
    });
    return told(result);
  },
  credentials: async () => told(await robot.acquireTokenByClientCredential({ scopes })),
};

for await (const line of createInterface({ input: process.stdin })) {
  const { order, ...input } = JSON.parse(line);
  const answer = await Promise.resolve(orders[order]?.(input)).then(
    (result) => ({ result }),
    (error) => ({ error: String(error) }),
  );
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
