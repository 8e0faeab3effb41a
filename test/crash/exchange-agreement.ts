import { skipTokenKey } from '@cosell/server/domain/skip-token-key';
import type { Findings } from './findings.ts';

/** Finds who is named in the directory or by a referral and is not there. */
export function checkDirectory(found: Findings): void {
  const isThere = (table: string, columns: readonly string[], values: readonly unknown[]) =>
    found.where(table, columns, values).length > 0;
  for (const table of ['tenants', 'locations', 'users', 'routing_rules']) {
    for (const row of found.rows(table)) {
      if (!isThere('organizations', ['id'], [row.organization_id]))
        found.say(table, row, 'there is no such organisation');
    }
  }
  for (const row of found.rows('users')) {
    if (!isThere('tenants', ['id'], [row.tenant_id])) found.say('users', row, 'there is no such tenant');
  }
  for (const row of found.rows('role_assignments')) {
    if (!isThere('users', ['organization_id', 'name'], [row.organization_id, row.user_name])) {
      found.say('role_assignments', row, 'there is no such user');
    }
  }
  checkPrograms(found, isThere);
  for (const { organization_id } of found.rows('referral_documents')) {
    if (!isThere('organizations', ['id'], [organization_id])) {
      found.say('organizations', String(organization_id), 'it has referrals and is not there');
    }
  }
}

/** Programs, and what people have allowed them, are those of organisations and users that are there. */
function checkPrograms(
  found: Findings,
  isThere: (table: string, columns: readonly string[], values: readonly unknown[]) => boolean,
): void {
  for (const table of ['clients', 'invitations', 'consents', 'credentials']) {
    for (const row of found.rows(table)) {
      if (!isThere('organizations', ['id'], [row.organization_id]))
        found.say(table, row, 'there is no such organisation');
    }
  }
  for (const table of ['client_secrets', 'consents']) {
    for (const row of found.rows(table)) {
      if (!isThere('clients', ['client_id'], [row.client_id])) found.say(table, row, 'there is no such program');
    }
  }
  for (const row of found.rows('credentials')) {
    if (!isThere('users', ['organization_id', 'name'], [row.organization_id, row.user_name]))
      found.say('credentials', row, 'there is no such user');
  }
  for (const { model, id, payload } of found.rows('provider_records')) {
    if (!isJson(String(payload))) found.say('provider_records', `${model} ${id}`, 'its payload is no JSON');
  }
}

/** Without a key nobody gets in, and without the other one no page of a list is found again. */
export function checkExchange(found: Findings): void {
  const keys = found.rows('signing_keys');
  if (keys.length === 0) found.say('signing_keys', '', 'there is none');
  for (const { kid, private_jwk } of keys) {
    if ((JSON.parse(String(private_jwk)) as { d?: unknown }).d === undefined) {
      found.say('signing_keys', String(kid), 'it is no private key');
    }
  }
  if (found.where('exchange_facts', ['name'], [skipTokenKey]).length === 0) {
    found.say('exchange_facts', skipTokenKey, 'it is not there');
  }
}

/** The operator's acts are numbered without gaps, and each can be read. */
export function checkActs(found: Findings): void {
  const acts = found.rows('acts').toSorted((one, other) => Number(one.sequence) - Number(other.sequence));
  for (const [index, { sequence, details }] of acts.entries()) {
    if (Number(sequence) !== index + 1) found.say('acts', String(sequence), `it is act ${index + 1}`);
    if (!isJson(String(details))) found.say('acts', String(sequence), 'its details are no JSON');
  }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
