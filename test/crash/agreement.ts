import { childTables, readStored, type SharingLevel } from '@cosell/model';
import { refreshViews } from '@cosell/server/domain/engagements';
import { recordOf, searchTable, storedChildren, storedColumns } from '@cosell/server/store/rows';
import type { Transaction } from '@cosell/server/store/store';
import type { ReferralRecord } from '@cosell/server/store/stored-referral';
import type { Row } from '../store/rows-of.ts';
import { checkActs, checkDirectory, checkExchange } from './exchange-agreement.ts';
import { Findings, isEqual, keyOf } from './findings.ts';
import type { Tables } from './tables.ts';

/**
 * Holds all tables to each other: what one transaction writes into several of them is there whole, or not at all. Every
 * disagreement is a line. Nothing here knows how it came about.
 */
export async function disagreementsOf(tables: Tables): Promise<string[]> {
  const found = new Findings(tables);
  checkRecords(found);
  checkChildren(found);
  checkMembers(found);
  checkChanges(found);
  checkKeptAnswers(found);
  checkDirectory(found);
  checkExchange(found);
  checkActs(found);
  await checkViews(found);
  return found.lines;
}

const key = ['organization_id', 'id'];

/** The record that a stored document stands for, or undefined where it cannot be read. */
function recordIn(row: Row): ReferralRecord | undefined {
  try {
    const referral = readStored(String(row.document));
    return recordOf({ ...referral, eTag: referral.eTag ?? '' }, row.due_at as string | null);
  } catch {
    return undefined;
  }
}

/** Documents, columns and views say the same. */
function checkRecords(found: Findings): void {
  for (const row of found.rows('referrals')) {
    if (found.where('referral_documents', key, [row.organization_id, row.id]).length !== 1) {
      found.say('referrals', row, 'there is no document');
    }
  }
  for (const row of found.rows('referral_documents')) {
    const [columns] = found.where('referrals', key, [row.organization_id, row.id]);
    if (columns === undefined) found.say('referral_documents', row, 'there are no columns');
    const record = checkDocument(found, 'referral_documents', row, columns);
    if (record === undefined) continue;
    const said = { organization_id: record.organizationId, mpn_id: record.mpnId };
    checkColumns(found, 'referral_documents', row, { ...said, is_marketplace_lead: Number(record.isMarketplaceLead) });
  }
  for (const row of found.rows('referral_views')) {
    const record = checkDocument(found, 'referral_views', row, row);
    if (record !== undefined) {
      checkColumns(found, 'referral_views', row, { owner_organization_id: record.organizationId });
    }
    const [owned] = found.where('referral_documents', key, [row.owner_organization_id, row.id]);
    if (owned === undefined) found.say('referral_views', row, 'there is no record of its owner');
  }
}

function checkDocument(found: Findings, table: string, row: Row, columns: Row | undefined): ReferralRecord | undefined {
  const record = recordIn(row);
  if (record === undefined) {
    found.say(table, row, 'its document cannot be read');
    return undefined;
  }
  if (record.document !== row.document) found.say(table, row, 'its document is not as it is written');
  checkColumns(found, table, row, {
    id: record.id,
    links_offset: record.linksOffset,
    etag: record.eTag,
    engagement_id: record.engagementId,
    model_version: record.modelVersion,
  });
  if (columns !== undefined) {
    const expected = storedColumns.map((name, index) => [name, record.columns[index] ?? null] as const);
    checkColumns(found, table === 'referral_views' ? table : 'referrals', columns, Object.fromEntries(expected));
  }
  return record;
}

function checkColumns(found: Findings, table: string, row: Row, expected: Readonly<Record<string, unknown>>): void {
  for (const [name, value] of Object.entries(expected)) {
    if (!isEqual(row[name], value)) found.say(table, row, `${name} is ${row[name]}, and its document says ${value}`);
  }
}

/** Items of lists are those of the document, in its order, and none are left without one. */
function checkChildren(found: Findings): void {
  for (const [index, { table, columns }] of storedChildren.entries()) {
    if ((childTables[index]?.name ?? searchTable) !== table) throw new Error(`${table} is not in its place`);
    let expected = 0;
    for (const parents of ['referral_documents', 'referral_views']) {
      for (const parent of found.rows(parents)) {
        const wanted = recordIn(parent)?.children[index] ?? [];
        expected += wanted.length;
        const rows = found.where(table, ['organization_id', 'referral_id'], [parent.organization_id, parent.id]);
        const inOrder = [...rows].sort((one, other) => Number(one.position) - Number(other.position));
        const isSame =
          rows.length === wanted.length &&
          inOrder.every(
            (row, position) =>
              isEqual(row.position, position) &&
              columns.every((column, at) => isEqual(row[column], wanted[position]?.[at])),
          );
        if (!isSame) found.say(table, parent, 'its rows are not the items of its document');
      }
    }
    if (found.rows(table).length !== expected) found.say(table, '', 'it has rows of what is not there');
  }
}

/** Every record is a member of its engagement, and every member has its record. */
function checkMembers(found: Findings): void {
  const memberKey = ['engagement_id', 'organization_id', 'referral_id'];
  for (const { engagement_id, organization_id, id } of found.rows('referral_documents')) {
    const [member] = found.where('engagement_members', memberKey, [engagement_id, organization_id, id]);
    if (member === undefined || !isEqual(member.is_sender, 0)) {
      found.say('engagement_members', { organization_id, id } as Row, 'the record is no member of its engagement');
    }
  }
  for (const row of found.rows('engagement_members')) {
    const records = found.where('referral_documents', ['engagement_id', 'id'], [row.engagement_id, row.referral_id]);
    const isOwn = ({ organization_id }: Row) => organization_id === row.organization_id;
    // A sender's record belongs to whoever received it.
    const isThere = isEqual(row.is_sender, 1) ? records.some((one) => !isOwn(one)) : records.some(isOwn);
    if (!isThere) found.say('engagement_members', row, 'there is no such record');
  }
}

/** Sequences have no gap, each change begins where the former ended, and the last one is what is stored. */
function checkChanges(found: Findings): void {
  const byOrganization = grouped(found.rows('changes'), (row) => String(row.organization_id));
  for (const { organization_id, last } of found.rows('change_sequences')) {
    const numbers = (byOrganization.get(String(organization_id)) ?? []).map(({ sequence }) => Number(sequence));
    numbers.sort((one, other) => one - other);
    if (numbers.length !== Number(last) || numbers.some((number, at) => number !== at + 1)) {
      found.say('change_sequences', String(organization_id), `${last} is not the last of ${numbers.length} changes`);
    }
    byOrganization.delete(String(organization_id));
  }
  for (const id of byOrganization.keys()) found.say('change_sequences', id, 'it has changes and no sequence');
  const chains = grouped(found.rows('changes'), (row) => keyOf([row.organization_id, row.referral_id]));
  for (const chain of chains.values()) checkChain(found, chain);
  for (const table of ['referral_documents', 'referral_views']) {
    for (const row of found.rows(table)) {
      if (!chains.has(keyOf([row.organization_id, row.id]))) found.say('changes', row, 'it has no change');
    }
  }
}

/** `Map.groupBy`, which Node 20 has not. */
function grouped(rows: readonly Row[], keyIn: (row: Row) => string): Map<string, Row[]> {
  const groups = new Map<string, Row[]>();
  for (const row of rows) {
    const group = groups.get(keyIn(row));
    if (group === undefined) groups.set(keyIn(row), [row]);
    else group.push(row);
  }
  return groups;
}

function checkChain(found: Findings, chain: Row[]): void {
  chain.sort((one, other) => Number(one.sequence) - Number(other.sequence));
  let former: Row | undefined;
  for (const change of chain) {
    const before = eTagIn(change.document_before);
    const wanted = former === undefined || former.kind === 'relatedRemoved' ? undefined : former.etag_after;
    if (before !== wanted) found.say('changes', change, `${change.sequence} does not begin where the former ended`);
    former = change;
  }
  const { organization_id, referral_id, etag_after, kind } = chain.at(-1) as Row;
  const isView = String(kind).startsWith('related');
  const table = isView ? 'referral_views' : 'referral_documents';
  const stored = found.where(table, key, [organization_id, referral_id]).map(({ etag }) => etag);
  const wanted = kind === 'relatedRemoved' ? [] : [etag_after];
  if (keyOf(stored) !== keyOf(wanted)) {
    found.say('changes', chain.at(-1) as Row, `the last one has ${wanted}, and ${table} has ${stored}`);
  }
}

function eTagIn(document: unknown): unknown {
  if (document === null) return undefined;
  try {
    return (JSON.parse(String(document)) as { eTag?: unknown }).eTag;
  } catch {
    return 'unreadable';
  }
}

/** An answer that is given again is one of something that happened. */
function checkKeptAnswers(found: Findings): void {
  for (const row of found.rows('kept_answers')) {
    let answer: { id?: unknown; eTag?: unknown; document?: unknown } = {};
    try {
      answer = JSON.parse(String(row.answer)) as typeof answer;
    } catch {
      // It is told below: nothing has happened by this name.
    }
    const happened = found.where('changes', ['referral_id', 'etag_after'], [answer.id, answer.eTag]);
    if (happened.length === 0 || eTagIn(answer.document ?? null) !== answer.eTag) {
      found.say('kept_answers', `${row.organization_id} ${row.request_id}`, 'what it answers has not happened');
    }
  }
}

/** What others read is what the one function that makes views would make of the records, and nothing besides. */
async function checkViews(found: Findings): Promise<void> {
  const seen = new Set<string>();
  const told = (what: string) => async (row: { organizationId?: string; readerOrganizationId?: string; id?: string }) =>
    found.say('referral_views', `${row.readerOrganizationId ?? row.organizationId} ${row.id ?? ''}`, what);
  const views: Partial<Transaction> = {
    async listEngagement(engagementId) {
      return found.where('engagement_members', ['engagement_id'], [engagementId]).map((row) => ({
        organizationId: String(row.organization_id),
        id: String(row.referral_id),
        isSender: isEqual(row.is_sender, 1),
      }));
    },
    async readDocument(organizationId, id) {
      const [row] = found.where('referral_documents', key, [organizationId, id]);
      return row && recordIn(row) && textIn(row);
    },
    async readView(reader, id) {
      seen.add(keyOf([reader, id]));
      const [row] = found.where('referral_views', key, [reader, id]);
      return row && { ...textIn(row), sharing: row.sharing as SharingLevel };
    },
    async findOrganization(id) {
      const [row] = found.where('organizations', ['id'], [id]);
      return row && { id, name: String(row.name), isActive: row.is_active === 1 };
    },
    putView: told('it is not what the record gives'),
    removeView: (reader, id) => told('it should not be there')({ readerOrganizationId: reader, id }),
    appendChange: async () => undefined,
  };
  const acting = { actedBy: 'exchange', organizationId: null, userName: null, via: null } as const;
  const moment = { ms: 0, text: '', newId: () => '00000000-0000-4000-8000-000000000000' };
  const engagements = new Set(found.rows('engagement_members').map(({ engagement_id }) => String(engagement_id)));
  for (const engagementId of engagements) {
    await refreshViews(views as Transaction, moment, { engagementId, acting });
  }
  for (const row of found.rows('referral_views')) {
    if (!seen.has(keyOf([row.organization_id, row.id]))) found.say('referral_views', row, 'nobody should read it');
  }
}

function textIn(row: Row) {
  return {
    document: String(row.document),
    linksOffset: Number(row.links_offset),
    eTag: String(row.etag),
    dueAt: row.due_at as string | null,
  };
}
