import {
  type BodyReading,
  type Fault,
  failure,
  guidPattern,
  parsePointer,
  readNewReferral,
  readPatch,
  readReplacement,
  type Warning,
} from '@cosell/model';
import { type ChangeOrder, changeReferral, type WantedChange } from '../domain/change-referral.ts';
import { createReferral } from '../domain/create-referral.ts';
import type { Acting } from '../domain/engagements.ts';
import { findWritable } from '../domain/referrals.ts';
import { faultAt, invalidBody } from '../domain/refusals.ts';
import type { WriteOutcome } from '../domain/write-outcome.ts';
import type { StoredReferral } from '../store/stored-referral.ts';
import { decodeUtf8, placed } from './body.ts';
import type { ExtensionName } from './extensions.ts';
import { readPreferences } from './prefer.ts';
import { addressed, collectionPath, requireCaller } from './referrals.ts';
import { readRepeat } from './repeatability.ts';
import type { Answer, Asked, Surface } from './route.ts';

/** Since when Microsoft's connector marks PUT as deprecated: May 2022 (facts §17), as RFC 9745 writes it. */
const deprecatedSince = '@1651363200';

/** POST of the collection: facts §11, decision 12. */
export async function answerCreate(surface: Surface, asked: Asked): Promise<Answer> {
  const { config } = surface;
  const caller = requireCaller(asked);
  const validateOnly = isValidation(surface, asked);
  const repeat = validateOnly ? undefined : readRepeat(surface, asked, caller, 'POST');
  const { content, faults, warnings } = readContent(asked, (text) => readNewReferral(text, config));
  const outcome = await asked.writes.transact(createReferral, {
    caller,
    acting: actingBy(asked),
    content,
    faults,
    warnings,
    validateOnly,
    repeat,
  });
  const location = validateOnly ? [] : ['Location', `${asked.origin}${collectionPath}/${outcome.id}`];
  const headers = [...headersOf(outcome, { validateOnly, repeat }), ...location];
  return { status: 200, headers, used: usedBy(outcome, { validateOnly, repeat }), body: bodyOf(outcome, asked) };
}

/** PATCH of one referral: facts §14.1, decision 14. */
export async function answerPatch(surface: Surface, asked: Asked): Promise<Answer> {
  const { stored, id } = await find(surface, asked);
  const options = { ...surface.config, isKept: keptIn(stored) };
  const { content, faults, warnings } = readContent(asked, (text) => readPatch(text, options));
  const wanted = { kind: 'patch', operations: content } as const;
  return change(surface, asked, { id, stored, wanted, faults, warnings, answersWith: 'nothing' });
}

/** PUT of one referral: facts §14.2, decision 15. */
export async function answerPut(surface: Surface, asked: Asked): Promise<Answer> {
  const { stored, id } = await find(surface, asked);
  if (asked.header('if-match') === undefined) throw failure('ifMatchMissing');
  const options = { ...surface.config, isKept: keptIn(stored) };
  const { content, faults, warnings } = readContent(asked, (text) => readReplacement(text, options));
  const wanted = { kind: 'put', given: content } as const;
  const answer = await change(surface, asked, { id, stored, wanted, faults, warnings, answersWith: 'referral' });
  return { ...answer, headers: [...(answer.headers ?? []), 'Deprecation', deprecatedSince] };
}

interface Change extends Pick<ChangeOrder, 'id' | 'wanted' | 'faults' | 'warnings'> {
  readonly stored: StoredReferral;
  /** What is answered unless the client prefers otherwise. */
  readonly answersWith: 'referral' | 'nothing';
}

async function change(surface: Surface, asked: Asked, { stored, answersWith, ...wanted }: Change): Promise<Answer> {
  const { config } = surface;
  const caller = requireCaller(asked);
  const validateOnly = isValidation(surface, asked);
  const repeat = validateOnly ? undefined : readRepeat(surface, asked, caller, `${wanted.wanted.kind} ${wanted.id}`);
  const outcome = await asked.writes.transact(changeReferral, {
    ...wanted,
    caller,
    acting: actingBy(asked),
    engagementId: stored.engagementId,
    condition: { ifMatch: asked.header('if-match'), isLenient: config.ifMatch === 'lenient' },
    allowsExtensions: config.extensions,
    registrationData: registers(wanted.wanted) ? surface.exchangeData : undefined,
    validateOnly,
    repeat,
  });
  const preferred = readPreferences(asked.header('prefer')).get('return');
  const isPreferred = preferred === 'representation' || preferred === 'minimal';
  const headers = headersOf(outcome, { validateOnly, repeat }, isPreferred ? `return=${preferred}` : undefined);
  const used = usedBy(outcome, { validateOnly, repeat });
  if (outcome.matchesLeniently) used.push('lenient-if-match');
  const isWhole = validateOnly || (isPreferred ? preferred === 'representation' : answersWith === 'referral');
  return isWhole ? { status: 200, headers, used, body: bodyOf(outcome, asked) } : { status: 204, headers, used };
}

/** Whether a change touches registrations; only then are rates, solutions and customers sent along. */
function registers(wanted: WantedChange): boolean {
  return wanted.kind === 'patch' && wanted.operations.some(({ path }) => path.startsWith('/registrations'));
}

/** The record that is to be changed, if this caller may: visibility comes before the body (decision 35). */
async function find({ store, surroundings }: Surface, asked: Asked): Promise<{ stored: StoredReferral; id: string }> {
  const given = asked.parameters.id ?? '';
  if (!guidPattern.test(given)) throw failure('malformedId');
  const id = given.toLowerCase();
  return { stored: await findWritable(store, surroundings, requireCaller(asked), id), id };
}

/**
 * Reads a body with all of its faults. Those of the text itself say line and column and are told at once; the others
 * are handed on, so that what the store knows can be told with them.
 */
function readContent<Content>(
  { body }: Asked,
  read: (text: string) => BodyReading<Content>,
): { content: Content; faults: readonly Fault[]; warnings: readonly Warning[] } {
  const text = decodeUtf8(body);
  if (text === undefined) throw invalidBody([faultAt('invalidJson', '', 'The body is not UTF-8.')]);
  const reading = read(text);
  if (reading.content === undefined) throw invalidBody(reading.faults.map((fault) => placed(fault, text)));
  return { content: reading.content, faults: reading.faults, warnings: reading.warnings };
}

/**
 * Whether the stored document has a member that the table does not know: it may be sent back (decision 16). Items of
 * a list may have moved, so it counts in any of them.
 */
function keptIn({ document }: StoredReferral): (pointer: string) => boolean {
  let parsed: unknown;
  return (pointer) => {
    parsed ??= JSON.parse(document);
    let found = [parsed];
    for (const step of parsePointer(pointer) ?? []) {
      found = found.flatMap((value) => {
        if (Array.isArray(value)) return value as unknown[];
        if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return [];
        return [(value as Record<string, unknown>)[step]];
      });
    }
    return found.length > 0;
  };
}

/** Whether nothing is to be stored; what stores nothing is no write that could be repeated. */
function isValidation({ config }: Surface, asked: Asked): boolean {
  return config.extensions && readPreferences(asked.header('prefer')).has('validate-only');
}

const namedClient = /^[\x21-\x7e]{1,64}$/;

/** Who acts, and through which client: as it names itself, else as its token does (decision 23). */
function actingBy(asked: Asked): Acting {
  const { organizationId, userName } = requireCaller(asked);
  const named = asked.header('x-caller-id');
  const via = named !== undefined && namedClient.test(named) ? named : asked.clientId;
  return { actedBy: 'user', organizationId, userName, via };
}

function headersOf(
  { eTag, warnings }: WriteOutcome,
  { validateOnly, repeat }: { validateOnly: boolean; repeat: unknown },
  returned?: string,
): string[] {
  const headers = validateOnly ? [] : ['ETag', eTag];
  if (repeat !== undefined) headers.push('Repeatability-Result', 'accepted');
  const applied = [...(validateOnly ? ['validate-only'] : []), ...(returned === undefined ? [] : [returned])];
  if (applied.length > 0) headers.push('Preference-Applied', applied.join(', '));
  // Each warning once; a list of a thousand unlisted values is told by its first ones.
  const told = [...new Set(warnings.map(({ pointer, code }) => `${encodeURI(pointer)} ${code}`))].slice(
    0,
    mostWarnings,
  );
  if (told.length > 0) headers.push('Cosell-Warning', told.join(', '));
  return headers;
}

/** Warnings that one header carries. */
const mostWarnings = 20;

function usedBy(
  { usesExtension }: WriteOutcome,
  { validateOnly, repeat }: { validateOnly: boolean; repeat: unknown },
): ExtensionName[] {
  const used: ExtensionName[] = [];
  if (usesExtension) used.push('patch-path');
  if (validateOnly) used.push('validate-only');
  if (repeat !== undefined) used.push('repeatability');
  return used;
}

function bodyOf(outcome: WriteOutcome, { origin }: Asked): string {
  return addressed(outcome, outcome.id, origin);
}
