import { createHash } from 'node:crypto';
import { failure, guidPattern } from '@cosell/model';
import type { AdmittedCaller } from '../domain/caller.ts';
import { keptForMs, type Repeat } from '../domain/repeats.ts';
import type { Asked, Surface } from './route.ts';

const imfFixdate =
  /^(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d{2} (Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) \d{4} \d{2}:\d{2}:\d{2} GMT$/;

/**
 * Reads the headers of a request that may be sent again (OASIS Repeatable Requests 1.0, decision 24).
 *
 * @param target what the request acts on: the id counts within method and path
 * @throws Failure `repeatabilityInvalid`, `repeatabilityTooOld`
 */
export function readRepeat(
  { config, surroundings }: Surface,
  asked: Asked,
  caller: AdmittedCaller,
  target: string,
): Repeat | undefined {
  const requestId = asked.header('repeatability-request-id');
  const firstSent = asked.header('repeatability-first-sent');
  if (!config.extensions || (requestId === undefined && firstSent === undefined)) return undefined;
  if (requestId === undefined || firstSent === undefined) {
    throw failure('repeatabilityInvalid', {
      reason: 'Repeatability-Request-ID and Repeatability-First-Sent belong together, and one of them is missing',
    });
  }
  if (!guidPattern.test(requestId)) {
    throw failure('repeatabilityInvalid', {
      reason: 'Repeatability-Request-ID is a GUID, 8-4-4-4-12 hexadecimal digits',
    });
  }
  const sentAt = imfFixdate.test(firstSent) ? Date.parse(firstSent) : Number.NaN;
  if (Number.isNaN(sentAt)) {
    throw failure('repeatabilityInvalid', {
      reason: 'Repeatability-First-Sent is a date such as "Mon, 23 Nov 2026 08:00:00 GMT"',
    });
  }
  if (sentAt < surroundings.clock.now() - keptForMs) throw failure('repeatabilityTooOld', { window: '24 hours' });
  const { organizationId, userName } = caller;
  const fingerprint = createHash('sha256').update(asked.body).digest('base64url');
  return { key: { organizationId, userName, target, requestId: requestId.toLowerCase() }, fingerprint };
}
