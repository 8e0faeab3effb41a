import { failure } from '@cosell/model';
import { grantConsent } from '../../domain/consents.ts';
import type { Page } from './page.ts';
import type { Visit } from './sign-in.ts';
import { consentPage, goOnPage } from './sign-in-pages.ts';

/** Shows what a program asks for. */
export async function showConsent({ surface, interaction, frame }: Visit): Promise<Page> {
  const organization = await surface.store.identity.findOrganizationName(interaction.client.organizationId);
  return { status: 200, body: consentPage(frame, organization ?? interaction.client.organizationId) };
}

/** Takes the decision. Whatever is not the one button is no consent. */
export async function decideConsent(visit: Visit): Promise<Page> {
  const { surface, asked, interaction, frame } = visit;
  const { user, client, uid } = interaction;
  const decision = asked.fields.get('decision');
  // A form of another step, as after "back" in the browser.
  if (decision !== 'allow' && decision !== 'refuse') return showConsent(visit);
  if (user === undefined) throw failure('signInUnknown');
  const isAllowed = decision === 'allow';
  if (isAllowed) {
    const { organizationId, userName } = user;
    const found = await surface.store.identity.findUsersNamed(userName, undefined);
    const subject =
      found.find((one) => one.organizationId === organizationId && one.name === userName)?.subject ?? null;
    await surface.store.transact(grantConsent, {
      organizationId,
      userName,
      clientId: client.clientId,
      scopes: interaction.scopes,
      nowMs: surface.surroundings.clock.now(),
      by: { organizationId, subject, clientId: client.clientId, requestId: asked.requestId },
    });
  }
  return { status: 200, body: goOnPage(frame, await surface.interactions.consent(uid, isAllowed), !isAllowed) };
}
