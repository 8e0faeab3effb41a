import {
  chmodSync,
  closeSync,
  cpSync,
  existsSync,
  mkdirSync,
  openSync,
  rmdirSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { networkInterfaces } from 'node:os';
import { dirname, join } from 'node:path';
import { documentedReferralId } from '@cosell/server';
import { SqliteDatabase } from '@cosell/server/store/sqlite/driver';
import { afterAll, describe, expect, inject, it } from 'vitest';
import { rowsOf } from '../store/rows-of.ts';
import { runCosellHere } from '../support/cosell-here.ts';
import {
  cleanUp,
  type Ended,
  getReferral,
  newFolder,
  runCosell,
  type Settings,
  startCosell,
  tokenOf,
} from '../support/cosell-process.ts';
import { availableEngines } from '../support/engines.ts';

afterAll(cleanUp);

const postgres = availableEngines().find(({ name }) => name === 'PostgreSQL');

/** One line on standard error, no word on standard output, code 1. */
function expectRefusal({ code, stdout, stderr }: Ended, text: string | RegExp): void {
  expect(stderr).toMatch(text);
  expect(stderr).toMatch(/^[^\n]+\.\n$/);
  expect(stderr).not.toMatch(/node_modules|\bat .+:\d+:\d+/);
  expect([code, stdout]).toEqual([1, '']);
}

const start = (settings: Settings) => runCosellHere(['start'], settings);

function listening(): Promise<Server> {
  const server = createServer();
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server)));
}

/** A data folder as a server with the sample leaves it. */
function startedFolder(): string {
  const DATA_DIR = join(newFolder(), 'data');
  cpSync(inject('sampleFolder'), DATA_DIR, { recursive: true });
  return DATA_DIR;
}

describe('a start is refused in one line', () => {
  it('where the port is in use', async () => {
    const other = await listening();
    const PORT = String((other.address() as AddressInfo).port);
    const settings = { PORT, DATA_DIR: join(newFolder(), 'data') };
    expectRefusal(await runCosell(['start'], settings), `Port ${PORT} of 127.0.0.1 is in use.`);
    other.close();
  });

  it('where the data folder is below a file', async () => {
    const file = join(newFolder(), 'file');
    writeFileSync(file, '');
    const refused = await start({ DATA_DIR: join(file, 'data') });
    expectRefusal(refused, `The data folder ${file}/data cannot be written`);
  });

  it('where the data folder is a file', async () => {
    const file = join(newFolder(), 'file');
    writeFileSync(file, 'text');
    expectRefusal(await start({ DATA_DIR: file }), `The data folder ${file} cannot be written`);
  });

  it('where no folder can be made', async () => {
    expectRefusal(
      await start({ DATA_DIR: '/proc/cosell-test' }),
      'The data folder /proc/cosell-test cannot be written',
    );
  });

  it.skipIf(process.getuid?.() === 0)('where the folder is read-only (left out for root, who may write)', async () => {
    const folder = newFolder();
    chmodSync(folder, 0o500);
    expectRefusal(await start({ DATA_DIR: folder }), `The data folder ${folder} cannot be written`);
    chmodSync(folder, 0o700);
  });

  it('where another server has the data folder', async () => {
    const DATA_DIR = join(newFolder(), 'data');
    const server = await startCosell({ DATA_DIR });
    expectRefusal(await start({ DATA_DIR }), `The data folder ${DATA_DIR} is in use by process ${server.pid}.`);
    expect((await getReferral(server, documentedReferralId)).status).toBe(200);
  });

  it('where the database is newer than the program', async () => {
    const DATA_DIR = startedFolder();
    const database = new SqliteDatabase(join(DATA_DIR, 'cosell.db'));
    database.exec("insert into schema_migrations values (99, 'from-the-future', '2030-01-01T00:00:00Z')");
    database.close();
    expectRefusal(await start({ DATA_DIR }), /The database has schema 99 and this program knows schema \d+\. Install/);
    const command = await runCosellHere(['directory', 'list'], { DATA_DIR });
    expectRefusal(command, /The database has schema 99/);
  });

  it('where the database file is no database', async () => {
    const DATA_DIR = startedFolder();
    writeFileSync(join(DATA_DIR, 'cosell.db'), Buffer.alloc(8192, 'garbage '));
    expectRefusal(await start({ DATA_DIR }), /cosell\.db cannot be opened: file is not a database\./);
  });

  it.each(['schema_migrations', 'signing_keys'])('where the table %s is damaged', async (table) => {
    const DATA_DIR = startedFolder();
    const path = join(DATA_DIR, 'cosell.db');
    const database = new SqliteDatabase(path);
    const pageSize = database.number('pragma page_size');
    const root = database.number(`select rootpage from sqlite_schema where name = '${table}'`);
    database.close();
    const fd = openSync(path, 'r+');
    writeSync(fd, Buffer.alloc(pageSize, 0xa5), 0, pageSize, (root - 1) * pageSize);
    closeSync(fd);
    expectRefusal(await start({ DATA_DIR }), /cosell\.db cannot be (opened|used): .*malformed/);
  });

  it('where the database file is a folder', async () => {
    const DATA_DIR = newFolder();
    mkdirSync(join(DATA_DIR, 'cosell.db'));
    expectRefusal(await start({ DATA_DIR }), /cosell\.db cannot be opened: .*unable to open database file\./);
  });

  it('where settings cannot be read, all of them at once', async () => {
    const DATA_DIR = join(newFolder(), 'data');
    expectRefusal(await start({ DATA_DIR, PORT: 'abc' }), 'PORT must be a number from 0 to 65535, not "abc".');
    expectRefusal(await start({ DATA_DIR, PORT: '65536' }), 'PORT must be');
    expectRefusal(
      await start({ DATA_DIR, QUERY_TIMEOUT: '0', READERS: 'two' }),
      'QUERY_TIMEOUT must be a whole number from 1 to 3600000, not "0"; READERS must be a whole number from 1 to 64, not "two".',
    );
    expectRefusal(await start({ DATA_DIR, SANDBOX: 'maybe' }), 'SANDBOX must be true or false, not "maybe".');
    expectRefusal(await start({ DATA_DIR, ISSUERS: 'not json' }), 'ISSUERS must be a JSON list');
    expectRefusal(await start({ DATA_DIR, ISSUERS: '[{"issuer":1}]' }), 'ISSUERS must be a list of objects');
    const mistyped = await start({ DATA_DIR, DATABASE_URL: 'postgress://cosell:pass-word@db/cosell' });
    expectRefusal(mistyped, 'DATABASE_URL must be an address that begins with postgres://');
    expect(mistyped.stderr).not.toContain('pass-word');
    const several = await start({ DATA_DIR, PORT: 'abc', SANDBOX: 'maybe', ISSUERS: '{', LOG_LEVEL: 'loud' });
    expectRefusal(several, /PORT must .*SANDBOX must .*ISSUERS must .*LOG_LEVEL must/);
    expectRefusal(await runCosellHere(['token', '--user', 'x'], { DATA_DIR, PORT: 'abc' }), 'PORT must be');
  });

  it('where the exchange data has faults, all of them at once, and nothing is made', async () => {
    const [DATA_DIR, EXCHANGE_DATA_DIR] = [join(newFolder(), 'data'), newFolder()];
    const write = (file: string, value: unknown) => writeFileSync(join(EXCHANGE_DATA_DIR, file), JSON.stringify(value));
    write('exchange-rates.json', { rates: [{ currency: 'EUR', month: '2025-01', perDollar: 0 }] });
    mkdirSync(join(EXCHANGE_DATA_DIR, 'solution-catalogue.json'));
    const refused = await start({ DATA_DIR, EXCHANGE_DATA_DIR });
    expectRefusal(refused, `The exchange data in ${EXCHANGE_DATA_DIR} cannot be used: `);
    expect(refused.stderr).toContain('solution-catalogue.json: it cannot be read (EISDIR)');
    expect(refused.stderr).toContain('managed-customers.json: it is missing');
    expect(refused.stderr).toContain('exchange-rates.json at /rates/0/perDollar: "perDollar" is a number above 0');
    expect(existsSync(DATA_DIR)).toBe(false);
    write('exchange-rates.json', { rates: [] });
    rmdirSync(join(EXCHANGE_DATA_DIR, 'solution-catalogue.json'));
    write('solution-catalogue.json', { solutions: [] });
    write('managed-customers.json', { customers: [] });
    const server = await startCosell({ DATA_DIR, EXCHANGE_DATA_DIR });
    expect((await getReferral(server, documentedReferralId)).status).toBe(200);
  });

  it('where the host is no address of this machine', async () => {
    const DATA_DIR = join(newFolder(), 'data');
    const HOST = '192.0.2.1';
    expectRefusal(
      await start({ DATA_DIR, HOST, SANDBOX: 'true' }),
      `The server cannot listen on ${HOST}, port 0: EADDRN`,
    );
    const named = await start({ DATA_DIR, HOST: 'no-such-host.invalid', SANDBOX: 'true' });
    expectRefusal(named, /cannot listen on no-such-host\.invalid, port 0: E[A-Z_]+\. Choose another HOST or PORT\./);
  });
});

describe('an address that others can reach', () => {
  const open = { HOST: '0.0.0.0' };

  it('is refused for the sample exchange', async () => {
    const DATA_DIR = join(newFolder(), 'data');
    expectRefusal(
      await start({ DATA_DIR, ...open }),
      /The sample exchange does not listen on 0\.0\.0\.0.*SANDBOX=true/,
    );
    expectRefusal(await start({ DATA_DIR: startedFolder(), ...open }), 'The sample exchange does not listen');
  });

  it('is allowed for the sample with SANDBOX=true, and named at start', async () => {
    const server = await startCosell({ DATA_DIR: join(newFolder(), 'data'), ...open, SANDBOX: 'true' });
    expect(server.greeting).toContain('SANDBOX');
    expect((await getReferral(server, documentedReferralId)).status).toBe(200);
    const address = Object.values(networkInterfaces())
      .flat()
      .find((one) => one?.internal === false && one.family === 'IPv4')?.address;
    if (address === undefined) return;
    const port = new URL(server.origin).port;
    const answer = await fetch(`http://${address}:${port}/v1.0/engagements/referrals/${documentedReferralId}`, {
      headers: { authorization: `Bearer ${tokenOf(server)}` },
    });
    expect(answer.status).toBe(200);
  });

  it('is allowed with SANDBOX=false on an empty folder, and refused on one that holds the sample', async () => {
    const settings = { DATA_DIR: join(newFolder(), 'data'), ...open, SANDBOX: 'false' };
    const server = await startCosell(settings);
    expect(server.greeting).toContain('Started with new data');
    const other = { ...settings, DATA_DIR: startedFolder() };
    expectRefusal(await start(other), 'The sample exchange does not listen on 0.0.0.0');
  });
});

describe('SANDBOX=false on loopback', () => {
  it('starts an empty exchange and says how to add people', async () => {
    const settings = { DATA_DIR: join(newFolder(), 'data'), SANDBOX: 'false' };
    const server = await startCosell(settings);
    expect(server.greeting).toContain('npx --no cosell directory add --help');
    expect(server.greeting).toContain('npx --no cosell import <file>');
    expect(server.greeting).not.toContain('contoso');
    expect((await runCosellHere(['directory', 'list'], settings)).stdout).toBe('The directory is empty.\n');
  });
});

describe('PostgreSQL', () => {
  it.each([
    ['a port where nobody listens', 'postgres://postgres@127.0.0.1:1/none'],
    ['the same by name, which has two addresses', 'postgres://postgres@localhost:1/none'],
    ['a host that does not exist', 'postgres://postgres@no-such-host.invalid/none'],
  ])('is refused in one line at %s', async (_title, DATABASE_URL) => {
    expectRefusal(await start({ DATABASE_URL }), /^The database of DATABASE_URL cannot be used: .*[A-Za-z]{4}.*\.\n$/);
    expectRefusal(await runCosellHere(['directory', 'list'], { DATABASE_URL }), 'The database of DATABASE_URL');
  });

  it.skipIf(inject('postgresUrl') === '')('is refused in one line where the database does not exist', async () => {
    const url = new URL(inject('postgresUrl'));
    url.pathname = '/no_such_database';
    expectRefusal(await start({ DATABASE_URL: url.href }), 'database "no_such_database" does not exist');
  });
});

describe('a command that works on what is stored', () => {
  it.each([
    ['erase', '--person', 'ann@example.com'],
    ['delete', documentedReferralId, '--yes'],
    ['retain', '--history', '1y'],
    ['acts'],
    ['reindex'],
    ['vacuum'],
    ['get', documentedReferralId],
  ])('is refused in a folder without an exchange, and makes none: %s', async (...args) => {
    const DATA_DIR = join(newFolder(), 'mistyped');
    expectRefusal(await runCosellHere(args, { DATA_DIR }), `There is no exchange in ${DATA_DIR}. Check DATA_DIR.`);
    expect(existsSync(DATA_DIR)).toBe(false);
  });

  it.runIf(postgres !== undefined)(
    'is refused on a database without an exchange, and makes no table there',
    async () => {
      const place = await postgres?.makeEmptyPlace();
      if (place === undefined) return;
      const settings = { DATABASE_URL: place.at.databaseUrl };
      const commands = [['vacuum'], ['get', documentedReferralId], ['retain', '--history', '1y'], ['acts']];
      for (const [index, args] of commands.entries()) {
        const run = index === 0 ? runCosell : runCosellHere;
        const text = 'There is no exchange in the database of DATABASE_URL. Check DATABASE_URL.';
        expectRefusal(await run(args, settings), text);
      }
      const made = await rowsOf(place, "select relname from pg_class where relnamespace = 'public'::regnamespace");
      expect(made).toEqual([]);
      await place.remove();
    },
  );

  it("says in the operator's words that no organisation has a referral", async () => {
    const DATA_DIR = join(newFolder(), 'data');
    expect((await runCosellHere(['token', '--operator'], { DATA_DIR })).code).toBe(0);
    const id = '00000000-0000-4000-8000-000000000000';
    const text = `No organisation has a referral ${id}. Check the id.`;
    expectRefusal(await runCosellHere(['get', id], { DATA_DIR }), text);
    expectRefusal(await runCosellHere(['delete', id, '--yes'], { DATA_DIR }), text);
    const archive = join(newFolder(), 'missing', 'all.ndjson');
    expectRefusal(
      await runCosellHere(['export', archive], { DATA_DIR }),
      `${archive} cannot be written: there is no folder ${dirname(archive)}.`,
    );
  });
});
