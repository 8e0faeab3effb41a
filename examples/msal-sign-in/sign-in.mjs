// MSAL's own sample flow, against an exchange of yours: sign in by device code, then read a referral.
//
//   NODE_EXTRA_CA_CERTS=./data/tls/ca.crt node examples/msal-sign-in/sign-in.mjs https://localhost:7300
//
// What differs from Microsoft's service are the two lines with `exchange` in them.
import { PublicClientApplication } from '@azure/msal-node';

const [exchange = 'https://localhost:7300', id = 'c5fbb3b6-be74-4795-9fb5-4324c73fed37'] = process.argv.slice(2);
const application = new PublicClientApplication({
  auth: {
    // The native application of the sample. `npx --no cosell directory add application` registers your own.
    clientId: 'c05e1100-0000-4000-8000-0000000000a1',
    authority: `${exchange}/common`,
    // Host with port: else MSAL asks Microsoft whether it knows this authority.
    knownAuthorities: [new URL(exchange).host],
  },
});

const { accessToken, account } = await application.acquireTokenByDeviceCode({
  scopes: ['https://api.partner.microsoft.com/.default'],
  deviceCodeCallback: ({ message }) => console.log(message),
});
console.log(`You are signed in as ${account?.username}.`);

const answer = await fetch(`${exchange}/v1.0/engagements/referrals/${id}`, {
  headers: { authorization: `Bearer ${accessToken}` },
});
const body = await answer.json();
console.log(
  answer.ok ? `The referral about ${body.customerProfile.name} is ${body.status}.` : `Refused: ${body.error.message}`,
);
