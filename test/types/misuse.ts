/**
 * Mistakes that the compiler must catch: `tsc -p test` fails where one of them compiles. Nothing here runs.
 */
import type { Transport } from '@cosell/client';
import {
  type FailureKind,
  failure,
  type Permission,
  type Referral,
  type RoleAssignment,
  schemaFor,
} from '@cosell/model';
import { parseDecimal } from '@cosell/odata';
import { type DirectoryChange, type Observe, type Store, statusOf } from '@cosell/server';
import { changeDirectory } from '@cosell/server/domain/directory/change-directory';
import { importReferrals } from '@cosell/server/domain/import-referrals';
import type { Change } from '@cosell/server/store/change';
import { type Connection, sql } from '@cosell/server/store/sql';
import type { Transaction } from '@cosell/server/store/store';
import type { ReferralRecord } from '@cosell/server/store/stored-referral';

/** A refusal has the slots of its message, all of them and no others. */
export function failures(): unknown[] {
  return [
    failure('referralNotFound'),
    failure('directoryRefused', { reason: 'x' }),
    failure('methodNotAllowed', { method: 'GET', allowed: 'PUT' }),
    // @ts-expect-error the message has a slot
    failure('directoryRefused'),
    // @ts-expect-error the slot is called `reason`
    failure('directoryRefused', { cause: 'x' }),
    // @ts-expect-error a slot is missing
    failure('methodNotAllowed', { method: 'GET' }),
    // @ts-expect-error a slot is text
    failure('directoryRefused', { reason: 7 }),
    // @ts-expect-error the message has no slots
    failure('referralNotFound', { id: 'x' }),
    // @ts-expect-error there is no such failure
    failure('referralLost'),
    // @ts-expect-error a kind is not any text
    failure('referralNotFound' as string),
  ];
}

/** The HTTP layer knows a status for every failure, and for nothing else. */
export function statuses() {
  const complete: Record<FailureKind, number> = statusOf;
  const { referralNotFound: _left, ...others } = statusOf;
  // @ts-expect-error a failure without a status
  const incomplete: Record<FailureKind, number> = others;
  // @ts-expect-error a status without a failure
  const foreign = { ...statusOf, referralLost: 410 } satisfies Record<keyof typeof statusOf, number> & {
    referralLost?: never;
  };
  return [complete, incomplete, foreign];
}

/** A value never becomes SQL text. */
export function statements(connection: Connection, id: string): unknown[] {
  return [
    connection.all(sql`select name from users where id = ${id}`),
    // @ts-expect-error SQL is no string
    connection.all(`select name from users where id = '${id}'`),
    // @ts-expect-error SQL is no string
    connection.run('delete from users'),
    // @ts-expect-error a column holds no object
    connection.run(sql`insert into users values (${{ id }})`),
    // @ts-expect-error a column holds no boolean: flags are 0 or 1
    connection.run(sql`insert into users values (${true})`),
    // @ts-expect-error a column holds no date: instants are text
    connection.run(sql`insert into users values (${new Date(0)})`),
    // @ts-expect-error a missing value is null
    connection.run(sql`insert into users values (${undefined})`),
  ];
}

/** A referral has the values of the enumerations, instants as text and amounts as whole ten-thousandths. */
export function referrals(referral: Referral): unknown[] {
  referral.status = 'Closed';
  // @ts-expect-error not a status
  referral.status = 'Open';
  // @ts-expect-error values are written exactly
  referral.substatus = 'accepted';
  // @ts-expect-error a status is never null
  referral.status = null;
  // @ts-expect-error not a type
  referral.type = 'Direct';
  // @ts-expect-error every referral has an id
  delete referral.id;
  // @ts-expect-error an amount is no JavaScript number
  referral.details = { dealValue: 10_000 };
  // @ts-expect-error an instant is text
  referral.createdDateTime = new Date(0);
  // @ts-expect-error not a member of a team
  referral.team = [{ surname: 'Doe' }];
  // @ts-expect-error there is no such member
  referral.dealSize = 7;
  // @ts-expect-error not a code
  referral.inviteContext = { assistanceRequestCode: 'Help' };
  // @ts-expect-error not a use of the schema
  return [referral, schemaFor('write')];
}

/** A decimal may be a fault, and that must be looked at. */
export function decimals(): unknown {
  // @ts-expect-error it may be a fault
  return parseDecimal('1') + 1n;
}

/** Roles and permissions are those of the table. */
export function roles(): [RoleAssignment[], Permission[]] {
  return [
    [
      { role: 'ReferralUser', mpnId: null },
      // @ts-expect-error not a role
      { role: 'Owner', mpnId: null },
      // @ts-expect-error the whole company is said with null
      { role: 'ReferralUser' },
    ],
    [
      'referral.read',
      // @ts-expect-error not a permission
      'referral.destroy',
    ],
  ];
}

/** Everything that writes is a command with its own input; the store itself writes nothing. */
export function writes(store: Store, transaction: Transaction, record: ReferralRecord, change: Change): unknown[] {
  return [
    store.transact(changeDirectory, { kind: 'removeUser', user: 'x' }),
    transaction.putReferral(record, { isNew: true }),
    // @ts-expect-error not the input of this command
    store.transact(changeDirectory, { texts: [] }),
    // @ts-expect-error a change of the directory needs its members
    store.transact(changeDirectory, { kind: 'addUser', name: 'x' }),
    // @ts-expect-error not the input of this command
    store.transact(importReferrals, { texts: 'one' }),
    // @ts-expect-error a store writes by commands only
    store.putReferral(record, { isNew: true }),
    // @ts-expect-error a view names its reader
    transaction.putView(record, { isNew: true }),
    // @ts-expect-error not a kind of change
    transaction.appendChange({ ...change, kind: 'renamed' }),
  ];
}

/** A change of the directory is one of the table. */
export const changes: DirectoryChange[] = [
  { kind: 'removeUser', user: 'x' },
  // @ts-expect-error there is no such change
  { kind: 'promoteUser', user: 'x' },
  // @ts-expect-error the members are those of the kind
  { kind: 'removeUser', organization: 'x' },
];

/** An observation holds what its kind says, and nothing personal beside it. */
export function observations(observe: Observe): void {
  observe({ kind: 'serverStopped', signal: 'SIGTERM' });
  // @ts-expect-error there is no such observation
  observe({ kind: 'userSeen' });
  // @ts-expect-error the observation has no such member
  observe({ kind: 'serverStopped', signal: 'SIGTERM', email: 'a@x.com' });
}

/** An operation is asked with the parameters of its path, and with no others. */
export function askedOperations(transport: Transport): unknown[] {
  return [
    transport.getReferralById({ parameters: { id: 'x' }, headers: { Prefer: 'x' } }),
    transport.getIndex(),
    transport.getAllReferrals({ query: { $top: 5, $count: undefined } }),
    // @ts-expect-error its path has an id
    transport.getReferralById(),
    // @ts-expect-error its path has an id
    transport.getReferralById({ parameters: {} }),
    // @ts-expect-error the parameter is called `id`
    transport.getReferralById({ parameters: { id: 'x', key: 'y' } }),
    // @ts-expect-error its path has none
    transport.getIndex({ parameters: { id: 'x' } }),
    // @ts-expect-error there is no such operation
    transport.deleteReferral({ parameters: { id: 'x' } }),
    // @ts-expect-error a query option is text, a number, or true or false
    transport.getAllReferrals({ query: { $top: ['5'] } }),
  ];
}
