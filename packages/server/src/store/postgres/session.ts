import type pg from 'pg';
import { type Connection, type Sql, sql, type TimedConnection, textsBy } from '../sql.ts';
import { jobsRole, tenantRole } from './roles.ts';
import { everybody, type Scope, shared } from './scopes.ts';

const textOf = textsBy((parts) => parts.reduce((before, part, index) => `${before}$${index}${part}`));

/** Names of the statements whose text never changes; each connection prepares them once. */
const statementNames = new WeakMap<readonly string[], string>();
let namesGiven = 0;

/** A statement as the driver takes it. */
export function queryOf(statement: Sql): { name?: string; text: string; values: unknown[] } {
  const query = { text: textOf(statement), values: [...statement.values] };
  const { parts } = statement;
  if (!Object.isFrozen(parts)) return query;
  let name = statementNames.get(parts);
  if (name === undefined) {
    namesGiven += 1;
    name = `cosell_${namesGiven}`;
    statementNames.set(parts, name);
  }
  return { name, ...query };
}

/** Statements that are not waited for at a time, so that they take a bounded part of the memory. */
const mostAhead = 512;

/**
 * One transaction on a connection. What a statement needs first, its role and organisation, is sent together with it
 * and costs no round trip.
 */
export class Session {
  readonly #client: pg.PoolClient;
  /** Statements that were sent and not waited for; the next one that is waited for speaks for them. */
  readonly #ahead: Promise<unknown>[] = [];
  #scope: Scope | undefined;
  #id: Promise<string | undefined> = Promise.resolve(undefined);

  constructor(client: pg.PoolClient) {
    this.#client = client;
  }

  /** Begins to write. */
  begin(): void {
    // Nothing is taken over from what ran on the connection before, so a pooler may stand in between.
    this.#sendAhead(this.#client.query(`begin; set local role ${tenantRole}`));
    const answer = this.#client.query<{ id: string }>(queryOf(sql`select pg_current_xact_id()::text as id`));
    this.#id = answer.then(
      ({ rows }) => rows[0]?.id,
      () => undefined,
    );
    this.#sendAhead(answer);
  }

  /** Begins to read one state of the database, for so long at most. */
  beginReading(timeoutMs: number): void {
    const begin = 'begin isolation level repeatable read read only';
    this.#sendAhead(this.#client.query(`${begin}; set local role ${tenantRole}`));
    this.#sendAhead(
      this.#client.query(queryOf(sql`select set_config('statement_timeout', ${String(timeoutMs)}, true)`)),
    );
  }

  /** Statements on the rows of a scope, each with that scope, in whichever order they come. */
  connectionOf(scope: Scope): Connection {
    const ask = async (statement: Sql) => {
      this.#enter(scope);
      const answer = this.#client.query(queryOf(statement));
      await Promise.all([...this.#ahead.splice(0), answer]);
      return answer;
    };
    return {
      dialect: 'postgres',
      async all<Row>(statement: Sql) {
        return (await ask(statement)).rows as Row[];
      },
      // Nothing is read from its answer, so nobody waits for it: it goes out with what is sent next.
      run: async (statement) => {
        this.#enter(scope);
        this.#sendAhead(this.#client.query(queryOf(statement)));
        if (this.#ahead.length >= mostAhead) await this.settle();
      },
    };
  }

  /** The same for reading. The server itself breaks off what takes too long. */
  timedConnectionOf(scope: Scope): TimedConnection {
    return { ...this.connectionOf(scope), inTime: () => sql`true` };
  }

  /**
   * Waits for what was sent ahead.
   *
   * @throws Error of the first statement that failed
   */
  async settle(): Promise<void> {
    await Promise.all(this.#ahead.splice(0));
  }

  /**
   * Commits.
   *
   * @throws Error when an earlier statement failed: PostgreSQL then answers a commit by undoing the transaction
   */
  async commit(): Promise<void> {
    await this.settle();
    const { command } = await this.#client.query('commit');
    if (command !== 'COMMIT') throw new Error('a transaction went on after a statement of it had failed');
  }

  /** The number by which the server tells later whether the transaction was committed. */
  get id(): Promise<string | undefined> {
    return this.#id;
  }

  #enter(scope: Scope): void {
    if (scope === shared || scope === this.#scope) return;
    this.#scope = scope;
    const role = scope === everybody ? jobsRole : tenantRole;
    const organizationId = scope === everybody ? '' : scope;
    this.#sendAhead(
      this.#client.query(
        queryOf(
          sql`select set_config('role', ${role}, true), set_config('cosell.organization_id', ${organizationId}, true)`,
        ),
      ),
    );
  }

  #sendAhead(answer: Promise<unknown>): void {
    // Whoever waits next hears of a failure; until then nobody else may.
    answer.catch(() => undefined);
    this.#ahead.push(answer);
  }
}
