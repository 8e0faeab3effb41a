import type { IncomingHttpHeaders } from 'node:http';
import { failure } from '@cosell/model';

/** The versions that a request may be written in; an answer is in the first of them (decision 23). */
const spoken = ['4.0', '4.01'] as const;

/** A version may have words of the client's own behind it: `4.0;NetFx`. */
const versionPattern = /^\s*(\d{1,3}\.\d{1,3})\s*(?:;.*)?$/;

/**
 * Holds a request to the versions of OData that it names, if it does (OData 4.01, sections 8.1.5 and 8.2.7): it must be
 * written in one of ours, and it must take an answer in 4.0.
 *
 * @throws Failure `versionNotSupported`
 */
export function requireVersions(headers: IncomingHttpHeaders): void {
  const { 'odata-version': version, 'odata-maxversion': most } = headers;
  if (version !== undefined && !spoken.some((known) => known === numberOf(version))) refuse('OData-Version', version);
  // 4.01 is above 4.0, and so is whatever begins with more than 4.
  if (most !== undefined && !(Number.parseInt(numberOf(most) ?? '0', 10) >= 4)) refuse('OData-MaxVersion', most);
}

function numberOf(header: string | string[]): string | undefined {
  return versionPattern.exec(String(header))?.[1];
}

function refuse(option: string, given: string | string[]): never {
  throw failure('versionNotSupported', { option, value: String(given).slice(0, 40), offered: spoken.join(' or ') });
}
