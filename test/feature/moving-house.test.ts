import { randomUUID } from 'node:crypto';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { alias, collection, comparable } from '../support/answers.ts';
import { contentOf, contentOfText } from '../support/archives.ts';
import { runCosellHere } from '../support/cosell-here.ts';
import { cleanUp, getReferral, newFolder, runCosell, type Settings, startCosell } from '../support/cosell-process.ts';
import { availableEngines, type Place } from '../support/engines.ts';
import { deal, invitation, operatorOf, partyOf, type Shown, setting, targets } from '../support/parties.ts';
import { ids, users } from '../support/sample.ts';
import { startTestServer, type TestServer } from '../support/test-server.ts';

const places: Place[] = [];
afterAll(async () => {
  for (const place of places) await place.remove();
  await cleanUp();
});

/** The settings by which the command finds a place. */
function settingsOf({ at }: Place): Settings {
  return at.databaseUrl === undefined ? { DATA_DIR: at.dataDir } : { DATABASE_URL: at.databaseUrl };
}

function archiveName(): string {
  return join(newFolder(), 'exchange.ndjson');
}

/** Runs a command that must succeed. */
async function run(args: readonly string[], settings: Settings, input?: string): Promise<string> {
  const { code, stdout, stderr } = await runCosell(args, settings, input);
  expect([code, stderr.includes('Error')], stderr).toEqual([0, false]);
  return stdout;
}

describe('an exchange that moves from engine to engine', () => {
  const environment = { SANDBOX: 'true', PUBLIC_URL: 'https://referrals.example' };
  const [sqlite, other = sqlite] = availableEngines();
  const tokens: Record<string, string> = {};
  const paths: string[] = [];
  let repeated: Readonly<Record<string, string>>;
  let first: Place;
  let answersBefore: unknown;

  /** What everybody is answered, with the tokens of the first exchange. */
  async function answersOf(server: TestServer): Promise<unknown> {
    const answers: Record<string, unknown> = {};
    for (const [user, token] of Object.entries(tokens)) {
      for (const path of paths) {
        const answer = await server.ask(path, { headers: { authorization: `Bearer ${token}` } });
        answers[`${user} ${path}`] = comparable(answer);
      }
    }
    const again = await server.ask(collection, {
      method: 'POST',
      headers: { ...repeated, authorization: `Bearer ${tokens[users.admin]}`, 'content-type': 'application/json' },
      body: JSON.stringify(deal({ name: 'Sent twice' })),
    });
    return { ...answers, again: comparable(again) };
  }

  async function answersAt(place: Place): Promise<unknown> {
    if (sqlite === undefined) throw new Error('SQLite is always there');
    const server = await startTestServer(sqlite, environment, place);
    try {
      return await answersOf(server);
    } finally {
      await server.stop();
    }
  }

  /** Moves what is at a place to a new one of an engine, with the two commands. */
  async function move(from: Place, engine = sqlite): Promise<{ place: Place; archive: string }> {
    const place = await engine?.makeEmptyPlace();
    if (place === undefined) throw new Error('SQLite is always there');
    places.push(place);
    const archive = archiveName();
    await run(['export', archive], settingsOf(from));
    expect(await run(['import', archive], settingsOf(place))).toContain('everything is as in the archive');
    return { place, archive };
  }

  beforeAll(async () => {
    if (sqlite === undefined) throw new Error('SQLite is always there');
    first = await sqlite.makePlace();
    places.push(first);
    const server = await startTestServer(sqlite, environment, first);
    const operator = await operatorOf(server);
    await operator.clock({ now: '2031-05-05T10:00:00Z', freeze: true });
    const contoso = await partyOf(server, users.admin);
    const tailspin = await partyOf(server, users.tailspin);
    const own = await contoso.create(deal());
    const theirs = await contoso.create(invitation(own.engagementId, targets.tailspin));
    await tailspin.move(theirs.id, 'Active/Accepted');
    await tailspin.change(theirs.id, { '/details/notes': 'Ours – “so” 😀' });
    await contoso.change(own.id, { '/details/dealValue': 99999999999999.98 });
    await operator.clock({ advance: 'P1D' });
    await contoso.patch(own.id, setting({ '/name': 'Shop floor, second' }), { 'x-caller-id': 'crm-sync' });
    repeated = {
      'repeatability-request-id': randomUUID(),
      'repeatability-first-sent': new Date().toUTCString(),
    };
    await contoso.post(deal({ name: 'Sent twice' }), repeated);
    for (const user of [users.admin, users.member, users.tailspin, users.seller, users.nobody]) {
      tokens[user] = await server.tokenOf(user);
    }
    const page = await contoso.ask('GET', collection, undefined, { prefer: 'odata.maxpagesize=2' });
    const next = new URL(page.json<{ '@odata.nextLink': string }>()['@odata.nextLink']);
    paths.push(
      ...[ids.lead, ids.coSell, ids.won, ids.expired, own.id, theirs.id].map((id) => `${collection}/${id}`),
      `${alias}/${own.id}`,
      `${collection}/${own.id}/history`,
      `${collection}/${theirs.id}/history`,
      collection,
      `${collection}?$orderby=details/dealValue%20desc&$count=true&$top=5`,
      `${collection}?$filter=status%20eq%20'Active'`,
      `${collection}?$search=shop%20OR%20alpine%20NOT%20backup`,
      next.pathname + next.search,
    );
    expect((await contoso.read(own.id)) satisfies Shown).toMatchObject({ name: 'Shop floor, second' });
    answersBefore = await answersOf(server);
    await server.stop();
    const routing = ['--organization', 'Contoso Company', '--location', '5512345'];
    await run(['directory', 'add', 'routing-rule', ...routing], settingsOf(first));
  });

  it('answers every request as before, byte for byte, and goes on as the same archive', async () => {
    const second = await move(first, other);
    expect(await answersAt(second.place)).toEqual(answersBefore);
    const third = await move(second.place);
    expect(await answersAt(third.place)).toEqual(answersBefore);
    expect(contentOf(third.archive)).toBe(contentOf(second.archive));
    const rules = await run(['directory', 'list', '--json'], settingsOf(third.place));
    expect(JSON.parse(rules)).toMatchObject({ routingRules: [{ mpnId: '5512345' }] });
    // Those answers were of more than refusals.
    const before = answersBefore as Record<string, { status: number }>;
    expect([before.again?.status, before[`${users.admin} ${paths.at(-1)}`]?.status]).toEqual([200, 200]);
    const statuses = Object.values(before).map(({ status }) => status);
    expect(statuses.filter((status) => status === 200).length).toBeGreaterThan(25);
  });
});

describe('the commands of moving house', () => {
  let source: Settings;
  let archive: string;
  beforeAll(async () => {
    source = { DATA_DIR: join(newFolder(), 'data') };
    await (await startCosell(source)).stop();
    archive = archiveName();
    await run(['export', archive], source);
  });

  it('write a file that only its owner can read, and say what it holds', async () => {
    const { stderr } = await runCosellHere(['export', `${archive}.2`], source);
    expect(stderr).toMatch(/^Wrote \d+ rows to .*\.2\. It holds the keys that sign tokens: /);
    expect(statSync(`${archive}.2`).mode & 0o777).toBe(0o600);
    expect(readFileSync(`${archive}.2`, 'utf8')).toContain('"private_jwk"');
  });

  it('overwrite nothing, and leave nothing behind where they cannot write', async () => {
    const before = readFileSync(archive);
    const again = await runCosell(['export', archive], source);
    expect([again.code, again.stderr]).toEqual([1, `${archive} is there already. Remove it, or give another name.\n`]);
    expect(readFileSync(archive).equals(before)).toBe(true);
    const nowhere = await runCosellHere(['export', '/nowhere/exchange.ndjson'], source);
    expect([nowhere.code, nowhere.stderr]).toEqual([1, expect.stringContaining('cannot be written')]);
    const empty = { DATA_DIR: join(newFolder(), 'none') };
    const nothing = await runCosellHere(['export', `${archive}.3`], empty);
    expect([nothing.code, nothing.stderr]).toEqual([1, expect.stringContaining('There is no exchange here')]);
    expect([existsSync(`${archive}.3`), existsSync(empty.DATA_DIR)]).toEqual([false, false]);
  });

  it('stream to standard output and from standard input', async () => {
    const text = await run(['export', '-'], source);
    expect(contentOfText(text)).toBe(contentOf(archive));
    const target = { DATA_DIR: join(newFolder(), 'data') };
    await run(['import', '-'], target, text);
    expect(await run(['verify', '-'], target, text)).toMatch(/^referrals +11 {2}same$/m);
  });

  it('export while a server holds the folder, and do not import there', async () => {
    const server = await startCosell(source);
    try {
      expect(await run(['export', '-'], source)).toContain('"end"');
      const refused = await runCosell(['import', archive], source);
      expect([refused.code, refused.stderr]).toEqual([
        1,
        `Nothing is moved into ${source.DATA_DIR} while cosell start (process ${server.pid}) holds it. Stop it first.\n`,
      ]);
      expect((await getReferral(server, ids.lead)).status).toBe(200);
    } finally {
      await server.stop();
    }
  });

  it('refuse a damaged archive before a row is stored, and other files as ever', async () => {
    const target = { DATA_DIR: join(newFolder(), 'data') };
    const damaged = archiveName();
    writeFileSync(damaged, readFileSync(archive, 'utf8').replace('"Tailspin Toys"', '"Tailspin Boys"'));
    const refused = await runCosellHere(['import', damaged], target);
    expect([refused.code, refused.stderr]).toEqual([
      1,
      expect.stringMatching(
        /exchange\.ndjson:\d+: The rows of the table organizations are not those that were written/,
      ),
    ]);
    // What is left is no exchange yet.
    const empty = await runCosellHere(['export', archiveName()], target);
    expect([empty.code, empty.stderr]).toEqual([1, expect.stringContaining('There is nothing to export')]);
    const live = await runCosellHere(['import', '--live', archive], target);
    expect([live.code, live.stderr]).toEqual([1, expect.stringContaining('are for captured referrals')]);
    await run(['import', archive], target);
    const nothing = await runCosellHere(['verify', damaged.replace('exchange', 'none')], target);
    expect([nothing.code, nothing.stderr]).toEqual([1, expect.stringContaining('there is no such file')]);
  });

  it('verify says which table differs, and exits with 1', async () => {
    const target = { DATA_DIR: join(newFolder(), 'data') };
    await run(['import', archive], target);
    await run(['directory', 'remove', 'user', 'contoso-no-role'], target);
    await run(['directory', 'add', 'organization', 'msft', '--name', 'Other Name'], target);
    const { code, stdout, stderr } = await runCosell(['verify', archive], target);
    expect([code, stderr]).toEqual([1, 'The exchange is not what the archive holds.\n']);
    expect(stdout).toMatch(/^users +6 {2}5 rows here$/m);
    expect(stdout).toMatch(/^organizations +3 {2}other content$/m);
    expect(stdout).toMatch(/^referrals +11 {2}same$/m);
  });
});
