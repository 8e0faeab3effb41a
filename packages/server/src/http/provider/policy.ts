import type { interactionPolicy, KoaContextWithOIDC } from 'oidc-provider';
import { pseudonymOf } from './accounts.ts';
import { ownParameters } from './adjust-request.ts';
import type { ProviderLibrary } from './provider-library.ts';

/** What a user is asked, and when: to sign in, and then whether he allows the program what it wants. */
export function createPolicy(
  { interactionPolicy: { Check, Prompt } }: ProviderLibrary,
  salt: string,
): interactionPolicy.DefaultPolicy {
  const ask = (reason: string, description: string, isNeeded: (ctx: KoaContextWithOIDC) => boolean) =>
    new Check(reason, description, isNeeded);
  const signIn = new Prompt(
    { name: 'login', requestable: true },
    ask('no_account', 'nobody is signed in who may be', ({ oidc }) => oidc.account === undefined),
    ask('max_age', 'the sign-in is too long ago', ({ oidc }) => {
      const { max_age: age } = oidc.params ?? {};
      return age !== undefined && oidc.result?.login === undefined && oidc.session?.past(Number(age)) === true;
    }),
    ask('id_token_hint', 'somebody else is signed in', ({ oidc }) => {
      const hinted = oidc.entities.IdTokenHint?.payload.sub;
      if (hinted === undefined || oidc.account === undefined) return false;
      return hinted !== pseudonymOf(oidc.account.accountId, oidc.client?.clientId ?? '', salt);
    }),
    ask('second_factor', 'a second factor is needed', ({ oidc }) => {
      if (oidc.params?.[ownParameters.secondFactor] === undefined) return false;
      return oidc.session?.amr?.includes('mfa') !== true;
    }),
  );
  const consent = new Prompt(
    { name: 'consent', requestable: true },
    // One that is stored was made of what the user has allowed.
    ask('not_allowed', 'the user has not allowed it', ({ oidc }) => oidc.grant?.jti === undefined),
  );
  return [signIn, consent] as unknown as interactionPolicy.DefaultPolicy;
}
