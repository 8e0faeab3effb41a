import { randomUUID } from 'node:crypto';
import type { Operations } from '@cosell/server';
import { captureText, contoso } from '../support/captures.ts';
import { deal, invitation, moving, type Party, type Shown, setting, sharedDeal, targets } from '../support/parties.ts';
import type { WireAnswer } from '../support/test-server.ts';
import type { Chance } from './chance.ts';

/** What was answered, and what was asked without an answer, of one exchange in all its rounds. */
export class Ledger {
  /** Versions of referrals, as `<id> <eTag>`. */
  readonly versions = new Set<string>();
  /** Captured referrals. */
  readonly imported = new Set<string>();
  readonly organizations = new Set<string>();
  /** Names of referrals that were created: every one is asked for once, however often it is sent. */
  readonly created = new Set<string>();
  /** Creates that were sent and not answered; they may be done or not, and may be sent again. */
  readonly unanswered = new Map<string, Create>();
  /** Answers that no crash explains. */
  readonly wrong: string[] = [];

  get count(): number {
    return this.versions.size + this.imported.size + this.organizations.size;
  }
}

/** A create that may be sent again as the same one. */
export interface Create {
  readonly by: 'contoso' | 'tailspin';
  readonly body: Readonly<Record<string, unknown>>;
  readonly headers: Readonly<Record<string, string>>;
}

/** Who writes: two organisations by HTTP, and the operator. */
export interface Writers {
  readonly contoso: Party;
  readonly tailspin: Party;
  readonly operator: Pick<Operations, 'importReferrals' | 'changeDirectory'>;
}

/** What one writer after the other knows of what may be changed. */
interface Known {
  readonly own: Shown[];
  readonly open: Shown[];
}

/** Writes of all kinds by several at once until `isOver`. Whatever is answered is in the ledger as soon as it is. */
export async function writeUntil(
  isOver: () => boolean,
  { writers, ledger, chance, atOnce }: { writers: Writers; ledger: Ledger; chance: Chance; atOnce: number },
): Promise<void> {
  const known: Known = { own: [], open: [] };
  const work = async () => {
    while (!isOver()) {
      try {
        await writeOnce(writers, ledger, chance, known);
      } catch {
        // The connection is gone with its server, or the server without its database says so.
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
}

async function writeOnce(writers: Writers, ledger: Ledger, chance: Chance, known: Known): Promise<void> {
  const dice = chance.next();
  if (dice < 0.35) {
    const by = chance.next() < 0.7 ? 'contoso' : 'tailspin';
    const make = chance.next() < 0.5 ? deal : sharedDeal;
    const create: Create = { by, body: make({ name: `deal ${randomUUID()}` }), headers: repeatable() };
    const shown = await sendCreate(writers, ledger, create);
    if (shown !== undefined && by === 'contoso') {
      known.own.push(shown);
      known.open.push(shown);
    }
  } else if (dice < 0.7) await change(writers, ledger, chance, known);
  else if (dice < 0.85) await coSell(writers, ledger, known);
  else if (dice < 0.95) await importFew(writers, ledger, chance);
  else {
    const id = randomUUID();
    await writers.operator.changeDirectory({ kind: 'addOrganization', id, name: 'one' });
    ledger.organizations.add(id);
  }
}

function repeatable(): Record<string, string> {
  return { 'repeatability-request-id': randomUUID(), 'repeatability-first-sent': new Date().toUTCString() };
}

/** Sends a create, for the first time or again. Gives the referral when it was answered. */
export async function sendCreate(writers: Writers, ledger: Ledger, create: Create): Promise<Shown | undefined> {
  const name = String(create.body.name);
  ledger.unanswered.set(name, create);
  const answer = await writers[create.by].post(create.body, create.headers);
  if (!isWritten(ledger, answer, 200)) return undefined;
  const shown = answer.json<Shown>();
  ledger.versions.add(`${shown.id} ${shown.eTag}`);
  ledger.created.add(name);
  ledger.unanswered.delete(name);
  return shown;
}

async function change({ contoso: party }: Writers, ledger: Ledger, chance: Chance, known: Known): Promise<void> {
  const referral = chance.oneOf(known.own);
  if (referral === undefined) return;
  const notes = 'n'.repeat(chance.between(1, 3_000));
  const answer = await party.patch(referral.id, setting({ '/details/notes': notes }));
  if (isWritten(ledger, answer, 204)) ledger.versions.add(`${referral.id} ${answer.headers.etag}`);
}

/** Contoso invites Tailspin, which accepts: two records, two views, and changes in both logs. */
async function coSell(writers: Writers, ledger: Ledger, known: Known): Promise<void> {
  const deal = known.open.pop();
  if (deal === undefined) return;
  const body = invitation(deal.engagementId, targets.tailspin, { name: `invitation ${randomUUID()}` });
  const shown = await sendCreate(writers, ledger, { by: 'contoso', body, headers: repeatable() });
  if (shown === undefined) return;
  const answer = await writers.tailspin.patch(shown.id, moving('Active/Accepted'));
  if (isWritten(ledger, answer, 204)) ledger.versions.add(`${shown.id} ${answer.headers.etag}`);
}

async function importFew({ operator }: Writers, ledger: Ledger, chance: Chance): Promise<void> {
  const ids = Array.from({ length: chance.between(1, 20) }, () => randomUUID());
  const texts = ids.map((id) => captureText({ id, engagementId: randomUUID(), organizationId: contoso }));
  const { outcomes } = await operator.importReferrals({ texts });
  if (outcomes.some((outcome) => outcome !== 'added')) ledger.wrong.push(`an import said ${outcomes.join()}`);
  for (const id of ids) ledger.imported.add(id);
}

/** Whether a write was acknowledged. What the killed may answer otherwise is 503, and nothing else. */
function isWritten(ledger: Ledger, answer: WireAnswer, status: number): boolean {
  if (answer.status === status) return true;
  if (answer.status === 503) throw new Error('the database is away');
  ledger.wrong.push(`${answer.status} ${answer.text}`);
  return false;
}
