import { failure } from '@cosell/model';
import { parseInstant } from '@cosell/odata';
import { listActs } from '../domain/acts.ts';
import type { StoredAct } from '../store/act.ts';
import type { DirectoryUser } from '../store/directory-entry.ts';
import { jsonBody } from './body.ts';
import type { Answer, Asked, Route, Surface } from './route.ts';

/** Records of one answer, when nothing is said and at most. */
const usualTop = 100;
const mostTop = 1_000;

/** The audit, for the administrators of an organisation and for whoever runs the exchange. */
export const auditRoute: Route = {
  name: 'listAudit',
  method: 'GET',
  paths: ['/directory/v1/audit'],
  access: 'audit.read',
  isOpenToOperator: true,
  audience: 'partner',
  sentence: "Lists what was done and refused in the organisation; for the exchange's operator, everywhere.",
  offers: jsonBody.mediaTypes,
  schema: 'AuditList',
  failures: ['optionValueInvalid', 'malformedInstant', 'queryTimeout'],
  extensions: [],
  isExtension: 'directory',
  options: ['$top', '$orderby', '$skiptoken', 'kind', 'actor', 'from', 'to'],
  answer: answerAudit,
};

/** GET of the audit: the newest first, unless `$orderby=sequence` is asked for. */
async function answerAudit({ store }: Surface, asked: Asked): Promise<Answer> {
  const { options, caller, origin } = asked;
  const most = numberOf(options, '$top', { usual: usualTop, least: 1, most: mostTop });
  const behind = numberOf(options, '$skiptoken', { usual: undefined, least: 0, most: Number.MAX_SAFE_INTEGER });
  const isNewestFirst = readOrder(options.$orderby);
  // No record has one, and PostgreSQL takes no zero byte as text.
  if (`${options.kind}${options.actor}`.includes('\0')) return { status: 200, body: '{"value":[]}' };
  const acts = await listActs(store, {
    isNewestFirst,
    behind,
    // One more tells whether there is another page.
    most: most + 1,
    organizationId: caller?.organizationId,
    kind: options.kind,
    actor: options.actor,
    from: instantOf(options, 'from'),
    to: instantOf(options, 'to'),
  });
  const shown = acts.slice(0, most);
  const { users } = await store.listDirectory(caller?.organizationId);
  const value = shown.map((act) => recordOf(act, users));
  const last = acts.length > most ? shown.at(-1)?.sequence : undefined;
  const next = last === undefined ? {} : { '@odata.nextLink': nextLink(origin, options, last) };
  return { status: 200, body: JSON.stringify({ value, ...next }) };
}

function recordOf(act: StoredAct, users: readonly DirectoryUser[]): object {
  const { sequence, occurredAt, kind, actedBy, organizationId, actor, via, requestId, subjectHash, details, hash } =
    act;
  // The record has no name; the directory tells whose subject it is, while he is there.
  const user = users.find((one) => one.organizationId === organizationId && one.subject === actor)?.name ?? null;
  return {
    sequence,
    occurredDateTime: occurredAt,
    kind,
    by: { kind: actedBy, organizationId, subject: actor, user },
    via,
    requestId,
    about: subjectHash,
    details: JSON.parse(details) as unknown,
    hash,
  };
}

function nextLink(origin: string, options: Asked['options'], last: number): string {
  const query = new URLSearchParams({ ...options, $skiptoken: String(last) });
  return `${origin}${auditRoute.paths[0]}?${query}`;
}

function readOrder(text = 'sequence desc'): boolean {
  const match = /^\s*sequence(?:\s+(asc|desc))?\s*$/i.exec(text);
  if (match !== null) return match[1]?.toLowerCase() === 'desc';
  throw failure('optionValueInvalid', { option: '$orderby', value: text, expected: 'sequence or sequence desc' });
}

function numberOf<Usual>(
  options: Asked['options'],
  option: '$top' | '$skiptoken',
  { usual, least, most }: { usual: Usual; least: number; most: number },
): number | Usual {
  const text = options[option];
  if (text === undefined) return usual;
  const number = Number(text);
  if (/^\d{1,16}$/.test(text) && number >= least && number <= most) return number;
  throw failure('optionValueInvalid', { option, value: text, expected: `a whole number from ${least} to ${most}` });
}

/** An instant in the form that is stored, so that its text compares as time does. */
function instantOf(options: Asked['options'], option: 'from' | 'to'): string | undefined {
  const text = options[option];
  if (text === undefined) return undefined;
  const instant = parseInstant(text);
  if (instant === undefined) throw failure('malformedInstant', { option });
  const seconds = new Date(instant.seconds * 1_000).toISOString().slice(0, 19);
  return `${seconds}.${instant.fraction.slice(0, 7).padEnd(7, '0')}Z`;
}

const text = { type: 'string' };
const textOrNull = { type: ['string', 'null'] };

/** The form of an answer, for OpenAPI. */
export const auditSchema = {
  type: 'object',
  properties: {
    value: {
      type: 'array',
      items: {
        type: 'object',
        properties: {
          sequence: { type: 'integer' },
          occurredDateTime: { type: 'string', format: 'date-time' },
          kind: text,
          by: {
            type: 'object',
            properties: {
              kind: { enum: ['operator', 'user', 'exchange'] },
              organizationId: textOrNull,
              subject: textOrNull,
              user: { ...textOrNull, description: 'His name in the directory, while he is there.' },
            },
          },
          via: { ...textOrNull, description: 'The client of his token.' },
          requestId: textOrNull,
          about: { ...textOrNull, description: 'A keyed hash of whom or what it was done to.' },
          details: { type: 'object' },
          hash: { ...text, description: 'SHA-256 of this record and the hash of the one before it.' },
        },
      },
    },
    '@odata.nextLink': text,
  },
} as const;
