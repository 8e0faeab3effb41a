/** Paths that people try first, and the right one (decision 1, clients A2 row 10). */
const nearMisses: readonly (readonly [pattern: RegExp, hint: string])[] = [
  [
    /^\/+(v1(\.0)?|api\/v1(\.0)?|partner\/v1(\.0)?|v1\.0\/engagement|v1\/engagements|engagements\/v1\.0|engagements)?\/+referrals?(\/|\(|$)/i,
    'Referrals are at /v1.0/engagements/referrals/<id>.',
  ],
  [/\/referrals(\/|\(|$)/i, 'Referrals are at /v1.0/engagements/referrals/<id>.'],
];

/** What to say at a path where nothing is. */
export function hintFor(path: string): string {
  const found = nearMisses.find(([pattern]) => pattern.test(path));
  return found?.[1] ?? 'The API is described at /openapi.json.';
}
