import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openExchange, readConfig, StartupProblem, surroundings } from '@cosell/server';
import { lockFolder } from '@cosell/server/store/sqlite/folder-lock';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type ChildNode, startNode } from './child-process.ts';

describe('a data folder', () => {
  let parent: string;
  let folder: string;
  const children: ChildNode[] = [];
  beforeEach(() => {
    parent = mkdtempSync(join(tmpdir(), 'cosell-folder-'));
    folder = join(parent, 'deep', 'data');
  });
  afterEach(async () => {
    for (const child of children.splice(0)) {
      child.process.kill('SIGKILL');
      await child.ended;
    }
    rmSync(parent, { recursive: true, force: true });
  });

  /** Another process that takes the folder, says so, and keeps it until its standard input ends. */
  async function holdElsewhere(task: string): Promise<ChildNode> {
    const child = startNode(`
      const { lockFolder } = await import('@cosell/server/store/sqlite/folder-lock');
      const taken = lockFolder(${JSON.stringify(folder)}, ${JSON.stringify(task)});
      console.log('lock' in taken ? 'held' : 'refused');
      process.stdin.on('end', () => { taken.lock?.release(); }).resume();`);
    children.push(child);
    expect(await child.nextLine()).toBe('held');
    return child;
  }

  const open = () => openExchange(readConfig({ DATA_DIR: folder }), 'test', surroundings);

  it('is made for this user alone', async () => {
    const exchange = await open();
    if ('holder' in exchange) throw new Error('nobody else is here');
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    await exchange.close();
  });

  it('that another process has is refused, and says who has it and what for', async () => {
    const child = await holdElsewhere('import');
    expect(lockFolder(folder, 'start')).toEqual({ holder: { pid: child.process.pid, task: 'import' } });
    expect(await open()).toEqual({ holder: { pid: child.process.pid, task: 'import' } });
    expect(existsSync(join(folder, 'cosell.db'))).toBe(false);
  });

  it('that this process has is refused to itself', () => {
    const taken = lockFolder(folder, 'first');
    expect(lockFolder(folder, 'second')).toEqual({ holder: { pid: process.pid, task: 'first' } });
    if ('lock' in taken) taken.lock.release();
    const again = lockFolder(folder, 'third');
    expect('lock' in again).toBe(true);
    if ('lock' in again) again.lock.release();
  });

  it('is free as soon as its holder gives it back', async () => {
    const child = await holdElsewhere('import');
    child.process.stdin?.end();
    expect((await child.ended).code).toBe(0);
    const taken = lockFolder(folder, 'start');
    expect('lock' in taken).toBe(true);
    if ('lock' in taken) taken.lock.release();
    expect(readdirSync(folder)).toEqual(['lock']);
  });

  it('is free as soon as its holder is killed', async () => {
    const child = await holdElsewhere('start');
    child.process.kill('SIGKILL');
    expect((await child.ended).signal).toBe('SIGKILL');
    const taken = lockFolder(folder, 'after the crash');
    expect('lock' in taken).toBe(true);
    expect(lockFolder(folder, 'late')).toEqual({ holder: { pid: process.pid, task: 'after the crash' } });
    if ('lock' in taken) taken.lock.release();
  });

  it('keeps what was acknowledged before its server was killed', async () => {
    const child = startNode(`
      const { openExchange, readConfig, surroundings } = await import('@cosell/server');
      const { changeDirectory } = await import('@cosell/server/domain/directory/change-directory');
      const { store } = await openExchange(readConfig({ DATA_DIR: ${JSON.stringify(folder)} }), 'start', surroundings);
      for (let count = 0; ; count += 1) {
        const id = '00000000-0000-4000-8000-' + String(count).padStart(12, '0');
        await store.transact(changeDirectory, { kind: 'addOrganization', id, name: 'number ' + count });
        console.log(count);
      }`);
    children.push(child);
    let acknowledged = -1;
    while (acknowledged < 20) acknowledged = Number(await child.nextLine());
    child.process.kill('SIGKILL');
    const { output } = await child.ended;
    acknowledged = Math.max(...output.split('\n').slice(0, -1).map(Number));
    const exchange = await open();
    if ('holder' in exchange) throw new Error('the holder is dead');
    const { organizations } = await exchange.store.listDirectory();
    expect(organizations.length).toBeGreaterThan(acknowledged);
    expect(organizations.every(({ tenantIds }) => tenantIds.length === 1)).toBe(true);
    await exchange.close();
  });

  it.each([
    ['a file', () => writeFileSync(folder, '')],
    [
      'a folder below a file',
      () => {
        writeFileSync(join(parent, 'file'), '');
        folder = join(parent, 'file', 'data');
      },
    ],
    ['a folder whose lock is a folder', () => mkdirSync(join(folder, 'lock'), { recursive: true })],
  ])('that is %s is refused in one line', (_title, prepare) => {
    mkdirSync(join(parent, 'deep'), { recursive: true });
    prepare();
    const attempt = () => lockFolder(folder, 'start');
    expect(attempt).toThrow(StartupProblem);
    expect(attempt).toThrow(/^The data folder \S+ cannot be written: .*\.$/);
  });

  it('whose database is none is refused in one line, and given back', async () => {
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'cosell.db'), 'this is not a database, however long one looks at it'.repeat(100));
    const problem = await open().catch((error: unknown) => error);
    expect(problem).toBeInstanceOf(StartupProblem);
    expect((problem as Error).message).toMatch(/^The database \S+cosell\.db cannot be opened: .*\.$/);
    const taken = lockFolder(folder, 'next');
    expect('lock' in taken).toBe(true);
    if ('lock' in taken) taken.lock.release();
  });
});
