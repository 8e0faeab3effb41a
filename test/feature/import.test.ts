import { randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SqliteDatabase } from '@cosell/server/store/sqlite/driver';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { capturedReferral, contoso, idOf, numberedReferrals } from '../support/capture-files.ts';
import { documentedPair } from '../support/captures.ts';
import { runCosellHere } from '../support/cosell-here.ts';
import {
  cleanUp,
  cosellFile,
  type Ended,
  getReferral,
  launch,
  newFolder,
  runCosell,
  runShell,
  type ServerProcess,
  startCosell,
} from '../support/cosell-process.ts';
import { documentedExample } from '../support/documented-example.ts';
import { availableEngines } from '../support/engines.ts';
import { exactJson } from '../support/exact-json.ts';

let DATA_DIR = '';
let server: ServerProcess;
beforeAll(async () => {
  DATA_DIR = join(newFolder(), 'data');
  server = await startCosell({ DATA_DIR });
});
afterAll(cleanUp);

function captureFile(content: string): string {
  const file = join(newFolder(), 'captured.json');
  writeFileSync(file, content);
  return file;
}

function importText(content: string, settings: Record<string, string> = { DATA_DIR }): Promise<Ended> {
  return runCosellHere(['import', captureFile(content)], settings);
}

async function importWell(content: string): Promise<string> {
  const { code, stdout, stderr } = await importText(content);
  expect([code, stderr]).toEqual([0, '']);
  return stdout;
}

async function answerOf(id: string): Promise<string> {
  const { status, text } = await getReferral(server, id);
  expect(status).toBe(200);
  return text;
}

type Json = Record<string, unknown>;

/** Every member of the capture has the same value in the answer, numbers to their last digit. */
function expectKept(capture: unknown, answer: unknown, path = ''): void {
  if (Array.isArray(capture)) {
    expect(answer, path).toHaveLength(capture.length);
    for (const [index, item] of capture.entries()) expectKept(item, (answer as unknown[])[index], `${path}/${index}`);
  } else if (typeof capture === 'object' && capture !== null) {
    for (const [name, value] of Object.entries(capture)) {
      if (name === 'links' || name === '@odata.context') continue;
      expectKept(value, (answer as Json)[name], `${path}/${name}`);
    }
  } else if (/DateTime$/.test(path)) {
    expect(Date.parse(String(answer)), path).toBe(Date.parse(String(capture)));
  } else expect(answer, path).toEqual(capture);
}

describe('import and GET are a round trip', () => {
  it('for a capture with members of every kind, unknown ones at every depth, and odd values', async () => {
    const id = randomUUID();
    const text = `{
      "@odata.context": "https://api.partner.microsoft.com/v1.0/engagments/referrals/$metadata#Referrals/$entity",
      "id": "${id}", "engagementId": "${randomUUID()}", "organizationId": "${contoso}", "organizationName": "Contoso Company",
      "createdDateTime": "2025-02-23T03:05:23.29+01:00", "updatedDateTime": "2025-02-23T02:05:23Z", "expirationDateTime": null,
      "status": "Active", "substatus": "Accepted", "type": "Shared", "qualification": "TeleQualified", "direction": "Outgoing",
      "quality": "Splendid", "salesStage": "Somewhere", "registrationStatus": "UnderTheSea", "dealSensitivity": "Extreme",
      "eTag": "\\"2500ec5a-0000-0000-0000-5bf4967d0000\\"", "name": "", "externalReferenceId": "",
      "acceptedDateTime": "2025-02-23T02:05:23.2931817Z",
      "futureFlag": true, "futureNumber": 12345678901234567890.000100, "futureList": [null, {"deep": [1.50, "x"]}], "futureNull": null,
      "target": [{"type": "SomethingNew", "id": "SOL-1", "weight": 1e3}],
      "customerProfile": {"name": "Ünïcode 𝄞 \\u2028 \\"x\\"", "size": "12 giants", "address": {"country": "ZZ", "planet": "Earth"},
        "team": [{"firstName": "Sue", "email": "sue@example.com", "shoeSize": 38.5, "contactPreference": {"locale": "en-us", "disableNotifications": false, "hour": 9}}],
        "ids": [{"profileType": "Lucky", "id": "7"}]},
      "consent": {"consentToContact": true, "consentToEverything": false},
      "details": {"dealValue": 99999999999999.9999, "currency": "EUR", "closingDateTime": "2025-11-14T00:00:00Z", "mood": "good",
        "requirements": {"solutions": [{"id": "SOL-1", "type": "Rumour", "price": 0.0001, "quantity": 3}], "industries": [{"id": "Alchemy", "level": 2}],
          "additionalRequirements": {"attributes": [{"type": "Colour", "id": "Blue"}]}}},
      "team": [], "tags": [], "trackingInfo": {"microsoftMsxId": "7-ABC", "otherId": 5},
      "links": {"self": {"uri": "https://api.partner.microsoft.com/x", "method": "GET"}}
    }`;
    expect(await importWell(text)).toBe('1 referral added.\n');
    const answer = await answerOf(id);
    expectKept(exactJson(text), exactJson(answer));
    expect(answer).toContain('"dealValue":99999999999999.9999');
    expect(answer).toContain('"futureNumber":12345678901234567890.000100');
    expect((await getReferral(server, id)).headers.etag).toBe('"2500ec5a-0000-0000-0000-5bf4967d0000"');
    expect(await importWell(text)).toBe('1 referral already there.\n');
  });

  it('for the documented pair and the documented list answer', async () => {
    const [own, others] = documentedPair;
    expect(await importWell(`[${own},\n${others}]`)).toMatch(/^\d referrals? /);
    expectKept(exactJson(own), exactJson(await answerOf('4111fffc-f9ee-4d53-bba6-569135228642')));
    // The documented list shows the record that the sample has: it is the same, and nothing newer.
    const list = {
      '@odata.count': 1,
      value: [documentedExample],
      '@odata.nextLink': 'http://api.partner.microsoft.com/',
    };
    expect(await importWell(JSON.stringify(list, null, 2))).toMatch(/^1 referral (replaced|kept|already)/);
    expectKept(exactJson(JSON.stringify(documentedExample)), exactJson(await answerOf(documentedExample.id)));
  });

  it('keeps the newer of two captures, in whichever order they come', async () => {
    const older = capturedReferral({ name: 'older', eTag: undefined });
    const newer = { ...older, name: 'newer', updatedDateTime: '2025-01-01T00:00:00Z' };
    expect(await importWell(JSON.stringify(older))).toBe('1 referral added.\n');
    const { headers } = await getReferral(server, idOf(older));
    expect(await importWell(JSON.stringify([newer, older]))).toBe(
      '1 referral replaced by a newer capture.\n1 referral kept as stored, which is newer.\n',
    );
    expect(JSON.parse(await answerOf(idOf(older)))).toMatchObject({ name: 'newer', eTag: headers.etag });
  });
});

describe('what an import reports', () => {
  it('marketplace leads as kept, not served', async () => {
    const lead = capturedReferral({ qualification: 'Direct', referralSource: 'Azure Marketplace' });
    const other = capturedReferral({ qualification: 'Direct', referralSource: null });
    expect(await importWell(JSON.stringify([lead, other]))).toBe(
      '2 referrals added.\n1 marketplace lead among them: kept, not served.\n',
    );
    const refused = await getReferral(server, idOf(lead));
    expect([refused.status, JSON.parse(refused.text)]).toMatchObject([
      404,
      { error: { innerError: { code: 'marketplaceLeadNotSupported' } } },
    ]);
    expect((await runCosellHere(['get', idOf(lead)], { DATA_DIR })).stdout).toContain(
      '"referralSource":"Azure Marketplace"',
    );
    await answerOf(idOf(other));
  });

  it('how to let somebody in, by commands that work as they stand', async () => {
    const organizationName = `Smith & Sons' "$HOME" \`id\`\u001b[31m`;
    const referral = capturedReferral({ organizationId: randomUUID(), organizationName });
    const report = await importWell(JSON.stringify(referral));
    expect(report).toContain('The directory has no user of Smith & Sons');
    expect(report).not.toContain('\u001b');
    const commands = report.split('\n').filter((line) => line.startsWith('  npx'));
    expect(commands).toHaveLength(4);
    let token = '';
    for (const command of commands) {
      const line = command.replaceAll('<name>', 'smith').replaceAll('<address>', 'smith@example.com');
      const { code, stdout, stderr } = await runShell(line, { DATA_DIR });
      expect(code, `${line}: ${stderr}`).toBe(0);
      token = stdout.trim();
    }
    expect((await getReferral(server, idOf(referral), token)).status).toBe(200);
    expect((await getReferral(server, idOf(referral))).status).toBe(404);
    const listed = (await runCosellHere(['directory', 'list'], { DATA_DIR })).stdout;
    expect(listed).toContain(`Smith & Sons' "$HOME" \`id\``);
    expect(await importWell(JSON.stringify(referral))).toBe('1 referral already there.\n');
  });

  it('the first three of many organisations without users', async () => {
    const owners = Array.from({ length: 5 }, (_, index) =>
      capturedReferral({ organizationId: randomUUID(), organizationName: `Partner ${index}` }),
    );
    const report = await importWell(JSON.stringify(owners));
    expect(report.match(/The directory has no user of/g)).toHaveLength(3);
    expect(report).toContain('2 more organisations of the file have no user either.');
  });
});

/** They take several transactions, and long enough to be stopped in between. */
const count = 6_000;

describe('thousands of referrals', () => {
  const many = numberedReferrals(count);
  const text = many.map((referral) => JSON.stringify(referral)).join('\n');

  /** How often each id is stored, and how often it was noted as a change. */
  function stored(folder: string): { documents: number; ids: number; changes: number } {
    const database = new SqliteDatabase(join(folder, 'cosell.db'), { readOnly: true });
    const documents = database.number("select count(*) from referral_documents where id like '10000000-%'");
    const ids = database.number("select count(distinct id) from referrals where id like '10000000-%'");
    const changes = database.number("select count(*) from changes where referral_id like '10000000-%'");
    database.close();
    return { documents, ids, changes };
  }

  it('are all there exactly once after a kill in between and the same command again', {
    timeout: 240_000,
  }, async () => {
    const settings = { DATA_DIR: join(newFolder(), 'data') };
    const file = captureFile(text);
    const { child, ended } = launch(process.execPath, [cosellFile, 'import', file], settings);
    for (;;) {
      await new Promise((resolve) => setTimeout(resolve, 50));
      try {
        if (stored(settings.DATA_DIR).documents > 2_000) break;
      } catch {
        // The database is not there yet.
      }
      if (child.exitCode !== null) break;
    }
    child.kill('SIGKILL');
    expect((await ended).signal).toBe('SIGKILL');
    const before = stored(settings.DATA_DIR).documents;
    expect(before).toBeGreaterThan(2_000);
    expect(before).toBeLessThan(count);
    const again = await runCosell(['import', file], settings);
    expect([again.code, again.stderr]).toEqual([0, '']);
    expect(again.stdout).toContain(`${count - before} referrals added.\n${before} referrals already there.\n`);
    expect(again.stdout).toContain('The directory has no user of Contoso Company yet.');
    expect(stored(settings.DATA_DIR)).toEqual({ documents: count, ids: count, changes: count });
  });

  it('are loaded while a server runs and reads go on, with no bar off a terminal', { timeout: 240_000 }, async () => {
    let isDone = false;
    let reads = 0;
    const reading = (async () => {
      while (!isDone) {
        expect((await getReferral(server, 'c5fbb3b6-be74-4795-9fb5-4324c73fed37')).status).toBe(200);
        reads += 1;
      }
    })();
    const { code, stdout, stderr } = await importText(text);
    isDone = true;
    await reading;
    expect([code, stdout, stderr]).toEqual([0, `${count} referrals added.\n`, '']);
    expect(reads).toBeGreaterThan(20);
    const { id, name } = many.at(-1) ?? {};
    expect(JSON.parse(await answerOf(String(id)))).toMatchObject({ name });
  });

  it('say how to go on when the server stops in between', { timeout: 240_000 }, async () => {
    const settings = { DATA_DIR: join(newFolder(), 'data') };
    const other = await startCosell(settings);
    const { ended } = launch(process.execPath, [cosellFile, 'import', captureFile(text)], settings);
    while (!other.stderr().includes('importReferrals')) await new Promise((resolve) => setTimeout(resolve, 20));
    expect((await other.stop()).code).toBe(0);
    const { code, stdout, stderr } = await ended;
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(/^The import was broken off\. Give the same command again, and it goes on\.\n[^\n]+\n$/);
    expect(stored(settings.DATA_DIR).documents).toBeGreaterThan(0);
  });
});

describe.skipIf(inject('postgresUrl') === '')('PostgreSQL', () => {
  it('takes an import beside a running server', async () => {
    const place = await availableEngines()
      .find(({ name }) => name === 'PostgreSQL')
      ?.makePlace();
    const settings = { DATABASE_URL: place?.at.databaseUrl ?? '' };
    const other = await startCosell(settings);
    const many = numberedReferrals(250);
    const { code, stdout, stderr } = await importText(JSON.stringify(many), settings);
    expect([code, stdout, stderr]).toEqual([0, '250 referrals added.\n', '']);
    expect((await importText(JSON.stringify(many), settings)).stdout).toBe('250 referrals already there.\n');
    const { status, text } = await getReferral(other, idOf(many[249] ?? {}));
    expect([status, JSON.parse(text)]).toMatchObject([200, many[249] ?? {}]);
    await other.stop();
    await place?.remove();
  });
});
