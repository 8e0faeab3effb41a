import { failure } from '@cosell/model';
import { recordSignIn, setPassword, setSecondFactor } from '../../domain/credentials.ts';
import { fixedText } from '../../domain/exchange-clock.ts';
import { passwordFaults } from '../../domain/password-rules.ts';
import type { Methods } from '../../identity/prove-user.ts';
import { proveCode, proveUser } from '../../identity/prove-user.ts';
import { newTotpSecret, stepOfCode } from '../../identity/second-factor.ts';
import type { DirectoryUser } from '../../store/directory-entry.ts';
import type { Interaction } from '../provider/interactions.ts';
import type { Surface } from '../route.ts';
import { decideConsent, showConsent } from './consent.ts';
import type { FormFault } from './layout.ts';
import type { Page, PageAsked } from './page.ts';
import { chooseLanguage, type PhraseKey, sayIn } from './phrases.ts';
import { type Seal, sealOf } from './sealed.ts';
import { codePage, enrolPage, goOnPage, newPasswordPage, passwordPage, type SignInFrame } from './sign-in-pages.ts';
import { openProof, proofCookie, type SignInProof, sealProof } from './sign-in-proof.ts';

/** A visit to a sign-in that is under way. */
export interface Visit {
  readonly surface: Surface;
  readonly asked: PageAsked;
  readonly interaction: Interaction;
  readonly frame: SignInFrame;
  readonly seal: Seal;
  /** How far it has come. */
  readonly proof: Proved | undefined;
}

/** A proof that still holds, with the user. */
interface Proved extends SignInProof {
  readonly user: DirectoryUser;
  /** Whether a code is to be shown, a password to be chosen, a second factor to be set up. */
  readonly next: 'code' | 'newPassword' | 'enrol' | undefined;
}

/** Shows the step that a sign-in is at. */
export async function showSignIn(surface: Surface, asked: PageAsked): Promise<Page> {
  const visit = await visitOf(surface, asked);
  if (visit.interaction.prompt === 'consent') return showConsent(visit);
  return { status: 200, body: stepPage(visit) };
}

/** Takes a step. What is wrong is shown with the form, and what was typed but passwords and codes stays. */
export async function takeStep(surface: Surface, asked: PageAsked): Promise<Page> {
  const visit = await visitOf(surface, asked);
  const { interaction, proof } = visit;
  if (interaction.prompt === 'consent') return decideConsent(visit);
  const step = asked.fields.get('step') ?? '';
  if (step === 'password') return takePassword(visit);
  // Of a step that is not the next one, as after "back" in the browser, nothing is taken.
  if (proof === undefined || proof.next !== step) return again(visit, {});
  if (step === 'code') return takeCode(visit, proof);
  return step === 'enrol' ? takeFactor(visit, proof) : takeNewPassword(visit, proof);
}

async function visitOf(surface: Surface, asked: PageAsked): Promise<Visit> {
  const uid = asked.parameters.uid ?? '';
  const interaction = await surface.interactions.find(uid, asked.cookieHeader);
  if (interaction === undefined) throw failure('signInUnknown');
  const wanted = asked.fields.get('ui_locales') ?? interaction.locales;
  const language = chooseLanguage(wanted ?? undefined, asked.acceptLanguage);
  const seal = await sealOf(surface.store);
  const frame: SignInFrame = { ...asked.frame, language, xsrf: asked.xsrf, interaction };
  const nowMs = surface.surroundings.clock.now();
  const proof = openProof(seal, asked.cookies.get(proofCookie), { uid, nowMs });
  return { surface, asked, interaction, frame, seal, proof: proof && (await stillProved(surface, interaction, proof)) };
}

/** A proof that holds: its user is there and active, and his credentials are those that he has shown. */
async function stillProved(
  surface: Surface,
  interaction: Interaction,
  proof: SignInProof,
): Promise<Proved | undefined> {
  const { identity } = surface.store;
  const { organizationId, userName, amr } = proof;
  const credentials = await identity.findCredentials(organizationId, userName);
  const found = await identity.findUsersNamed(userName, undefined);
  const user = found.find((one) => one.organizationId === organizationId && one.name === userName);
  if (user === undefined || credentials?.changedAt !== proof.changedAt) return undefined;
  const hasFactor = amr.length > 1;
  const needsFactor = interaction.needsSecondFactor || surface.config.requireMfa;
  if (credentials.totpSecret !== null && !hasFactor) return { ...proof, user, next: 'code' };
  if (credentials.isTemporary) return { ...proof, user, next: 'newPassword' };
  return { ...proof, user, next: needsFactor && !hasFactor ? 'enrol' : undefined };
}

function stepPage({ frame, proof, asked, interaction }: Visit, faults: readonly FormFault[] = []): string {
  const shown = { ...frame, faults };
  switch (proof?.next) {
    case 'code':
      return codePage(shown);
    case 'newPassword':
      return newPasswordPage(shown, proof.userName);
    case 'enrol':
      return enrolPage(shown, proof.totpSecret ?? '', proof.userName);
    default:
      return passwordPage(shown, asked.fields.get('name') ?? interaction.loginHint);
  }
}

/** The same step once more, with what is wrong of each field. */
function again(visit: Visit, faults: Readonly<Record<string, PhraseKey>>): Page {
  const say = sayIn(visit.frame.language);
  const list = Object.entries(faults).map(([field, key]) => ({ field, text: say(key) }));
  return { status: list.length === 0 ? 200 : 400, body: stepPage(visit, list) };
}

function slowed(visit: Visit, field: string, seconds: number): Page {
  const text = sayIn(visit.frame.language)('slowed', { seconds });
  return { status: 429, retryAfter: seconds, body: stepPage(visit, [{ field, text }]) };
}

async function takePassword(visit: Visit): Promise<Page> {
  const { surface, asked, interaction } = visit;
  const [name, password] = [asked.fields.get('name') ?? '', asked.fields.get('password') ?? ''];
  if (name.trim() === '' || password === '') {
    return again(visit, {
      ...(name.trim() === '' ? { name: 'nameMissing' } : {}),
      ...(password === '' ? { password: 'passwordMissing' } : {}),
    });
  }
  const { tenant } = interaction;
  const proved = await proveUser(surface.proof, {
    ...placeOf(visit),
    tenant,
    nameOrEmail: name,
    password,
    isStep: true,
  });
  if ('ok' in proved) return goOn(visit, proved.ok, proved.amr);
  if (proved.refused === 'slowed') return slowed(visit, 'name', proved.seconds);
  if (proved.refused === 'wrong') return again(visit, { name: 'wrong' });
  return goOn(visit, proved.user, proved.refused === 'passwordToBeSet' ? proved.amr : ['pwd']);
}

async function takeCode(visit: Visit, proof: Proved): Promise<Page> {
  const code = visit.asked.fields.get('code') ?? '';
  if (code.trim() === '') return again(visit, { code: 'codeMissing' });
  const proved = await proveCode(visit.surface.proof, { ...placeOf(visit), user: proof.user, code });
  if (proved === 'codeWrong') return again(visit, { code: 'codeWrong' });
  return proved === 'ok' ? goOn(visit, proof.user, ['pwd', 'mfa']) : slowed(visit, 'code', proved.seconds);
}

async function takeNewPassword(visit: Visit, proof: Proved): Promise<Page> {
  const { surface, asked } = visit;
  const password = asked.fields.get('password') ?? '';
  const [fault] = passwordFaults(password, proof.user);
  if (fault !== undefined) return again(visit, { password: fault });
  if (password !== asked.fields.get('again')) return again(visit, { again: 'newPasswordDiffers' });
  const { hasher } = surface.proof;
  const held = await surface.store.identity.findCredentials(proof.organizationId, proof.userName);
  if (await hasher.verify(held?.passwordHash ?? null, password)) return again(visit, { password: 'newPasswordSame' });
  await surface.store.transact(setPassword, {
    ...whose(proof),
    passwordHash: await hasher.hash(password),
    isTemporary: false,
    ...changeOf(visit, proof.user),
  });
  return goOn(visit, proof.user, proof.amr);
}

async function takeFactor(visit: Visit, proof: Proved): Promise<Page> {
  const { surface, asked } = visit;
  const code = asked.fields.get('code') ?? '';
  const { totpSecret = '' } = proof;
  if (code.trim() === '') return again(visit, { code: 'codeMissing' });
  const takenStep = stepOfCode(totpSecret, code, surface.surroundings.clock.now());
  if (takenStep === undefined) return again(visit, { code: 'codeWrong' });
  await surface.store.transact(setSecondFactor, {
    ...whose(proof),
    totpSecret,
    takenStep,
    ...changeOf(visit, proof.user),
  });
  return goOn(visit, proof.user, ['pwd', 'mfa']);
}

/** Goes on with a user who has proved himself so far: to the next step, or back to the program. */
async function goOn(visit: Visit, user: DirectoryUser, amr: Methods): Promise<Page> {
  const { surface, interaction, seal, asked, frame } = visit;
  const { organizationId, name: userName } = user;
  const nowMs = surface.surroundings.clock.now();
  const credentials = await surface.store.identity.findCredentials(organizationId, userName);
  const changedAt = credentials?.changedAt ?? fixedText(nowMs);
  const begun: SignInProof = { uid: interaction.uid, organizationId, userName, amr, changedAt, provedAtMs: nowMs };
  const proof = await stillProved(surface, interaction, begun);
  if (proof === undefined) throw failure('signInUnknown');
  if (proof.next !== undefined) {
    const kept = proof.next === 'enrol' ? { ...begun, totpSecret: newTotpSecret() } : begun;
    // The browser asks for the next step, so that "back" and "reload" never send a password again.
    const location = `/sign-in/${encodeURIComponent(interaction.uid)}?ui_locales=${frame.language}`;
    return { status: 303, location, cookies: { [proofCookie]: sealProof(seal, kept) } };
  }
  await surface.store.transact(recordSignIn, { userName, amr, by: byOf(visit, user) });
  const href = await surface.interactions.signIn(interaction.uid, { organizationId, userName, amr });
  const cookies = asked.cookies.get(proofCookie) === undefined ? {} : { cookies: { [proofCookie]: '' } };
  return { status: 200, body: goOnPage(frame, href), ...cookies };
}

function placeOf({ asked, interaction }: Visit) {
  return { address: asked.address, clientId: interaction.client.clientId, requestId: asked.requestId };
}

function whose({ organizationId, userName }: SignInProof) {
  return { organizationId, userName };
}

function byOf({ asked, interaction }: Visit, { organizationId, subject }: DirectoryUser) {
  return { organizationId, subject, clientId: interaction.client.clientId, requestId: asked.requestId };
}

function changeOf(visit: Visit, user: DirectoryUser) {
  return { nowMs: visit.surface.surroundings.clock.now(), by: byOf(visit, user) };
}
