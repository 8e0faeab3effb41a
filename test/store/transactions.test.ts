import { randomUUID } from 'node:crypto';
import { Failure } from '@cosell/model';
import type { DirectoryChange } from '@cosell/server';
import { changeDirectory } from '@cosell/server/domain/directory/change-directory';
import { loadExchange, loadedExchange } from '@cosell/server/domain/load-exchange';
import { expect, it } from 'vitest';
import { captureText, contoso } from '../support/captures.ts';
import { describeOnEachEngine } from '../support/engines.ts';
import { openStoreFor } from './opened-store.ts';

const organization = (name: string): DirectoryChange => ({ kind: 'addOrganization', id: randomUUID(), name });

describeOnEachEngine('a transaction', (engine) => {
  const opened = openStoreFor(engine);
  // On PostgreSQL a transaction waits five seconds for a connection at most, and the machine may be slow.
  const burst = engine.name === 'SQLite' ? 200 : 80;

  /** Writes an organisation and a referral, and then fails. */
  const failing = (name: string) =>
    opened.store.transact(loadExchange, {
      name,
      contents: { directory: [organization(name), { kind: 'removeUser', user: 'nobody' }], referrals: [captureText()] },
    });

  it('that fails leaves nothing behind, and those beside it stay', async () => {
    const ids = Array.from({ length: burst }, () => randomUUID());
    const isBad = (index: number) => index % 3 === 0;
    const ended = await Promise.allSettled(
      ids.map((id, index) =>
        isBad(index) ? failing(`bad ${index}`) : opened.import({ id, engagementId: randomUUID() }),
      ),
    );
    expect(ended.map(({ status }) => status)).toEqual(
      ids.map((_id, index) => (isBad(index) ? 'rejected' : 'fulfilled')),
    );
    const stored = (await opened.rows('select id from referrals')).map(({ id }) => String(id));
    expect(stored.toSorted()).toEqual(ids.filter((_id, index) => !isBad(index)).toSorted());
    const { organizations } = await opened.store.listDirectory();
    expect(organizations.map(({ id }) => id)).toEqual([contoso]);
    expect(await opened.store.findFact(loadedExchange)).toBeUndefined();
  });

  it('throws the failure of its command, with kind, slots and message', async () => {
    const thrown = await failing('bad').catch((error: unknown) => error);
    expect(thrown).toBeInstanceOf(Failure);
    expect(thrown).toMatchObject({
      kind: 'directoryRefused',
      slots: { reason: 'there is no user nobody' },
      message: 'The directory was not changed: there is no user nobody.',
    });
  });

  it('whose command has a bug is undone too, and the store goes on', async () => {
    const contents = { directory: [organization('buggy')], referrals: ['not JSON'] };
    await expect(opened.store.transact(loadExchange, { name: 'x', contents })).rejects.not.toBeInstanceOf(Failure);
    await opened.store.ping();
    await opened.store.transact(changeDirectory, organization('after the bug'));
    const names = (await opened.store.listDirectory()).organizations.map(({ name }) => name);
    expect(names).toContain('after the bug');
    expect(names).not.toContain('buggy');
  });

  it('is seen by every read that begins after its answer', async () => {
    for (let round = 0; round < 20; round += 1) {
      const id = randomUUID();
      await opened.import({ id, engagementId: randomUUID(), name: `round ${round}` });
      expect(await opened.read(contoso, id)).toMatchObject({ name: `round ${round}` });
    }
  });

  it('numbers the changes of each organisation without gaps and doubles, however many run at once', async () => {
    const organizations = [randomUUID(), randomUUID()];
    const imports = Array.from({ length: burst / 2 }, () =>
      organizations.map((organizationId) =>
        opened.import({ id: randomUUID(), engagementId: randomUUID(), organizationId }),
      ),
    );
    const outcomes = await Promise.all(imports.flat());
    expect(outcomes.flat().filter((outcome) => outcome !== 'added')).toEqual([]);
    for (const organizationId of organizations) {
      const rows = await opened.rows(
        `select sequence, referral_id from changes where organization_id = '${organizationId}' order by sequence`,
      );
      expect(rows.map(({ sequence }) => Number(sequence))).toEqual(
        Array.from({ length: burst / 2 }, (_row, index) => index + 1),
      );
      expect(new Set(rows.map((row) => row.referral_id)).size).toBe(burst / 2);
    }
  });

  it('that stores the same referral as others beside it stores the newest', async () => {
    const [id, engagementId] = [randomUUID(), randomUUID()];
    const days = Array.from({ length: 28 }, (_day, index) => `2022-01-${String(index + 1).padStart(2, '0')}`);
    const shuffled = days.map((_day, index) => days[(index * 11) % 28] ?? '');
    await Promise.all(shuffled.map((updatedDateTime) => opened.import({ id, engagementId, updatedDateTime })));
    expect(await opened.read(contoso, id)).toMatchObject({ updatedDateTime: '2022-01-28T00:00:00.0000000Z' });
    const kinds = await opened.rows(`select kind from changes where referral_id = '${id}' order by sequence`);
    expect(kinds.filter(({ kind }) => kind === 'imported')).toHaveLength(1);
    expect(kinds[0]).toEqual({ kind: 'imported' });
  });
});
