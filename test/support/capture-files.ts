import { randomUUID } from 'node:crypto';

/** Organisations of the sample exchange. */
export const contoso = '7d23e5ca-19dc-4eaa-aac8-5e6b559f0d1d';

/** A captured referral of Contoso's with members of every kind; `more` replaces or adds. */
export function capturedReferral(more: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  return {
    id: randomUUID(),
    engagementId: randomUUID(),
    name: 'Captured deal',
    organizationId: contoso,
    organizationName: 'Contoso Company',
    createdDateTime: '2024-05-06T07:08:09.1234567Z',
    updatedDateTime: '2024-05-07T07:08:09.1234567Z',
    status: 'Active',
    substatus: 'Accepted',
    qualification: 'SalesQualified',
    type: 'Independent',
    eTag: '"00006d10-0000-0700-0000-67ba82630000"',
    direction: 'Outgoing',
    ...more,
  };
}

/** The id of a captured referral, as text. */
export function idOf(referral: Readonly<Record<string, unknown>>): string {
  return String(referral.id);
}

/** Many small referrals, the same ones for the same number. */
export function numberedReferrals(count: number): Record<string, unknown>[] {
  return Array.from({ length: count }, (_, index) => {
    const digits = index.toString(16).padStart(12, '0');
    return capturedReferral({
      id: `10000000-0000-4000-8000-${digits}`,
      engagementId: `20000000-0000-4000-8000-${digits}`,
      name: `Deal ${index}`,
    });
  });
}
