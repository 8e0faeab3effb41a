import type { Command } from '../store/store.ts';
import { type Done, recordAct } from './acts.ts';

/** Adds records of what no command has done: an export, an act of the sandbox. */
export const recordActs: Command<readonly Done[], null> = {
  name: 'recordActs',
  async run(transaction, acts, surroundings) {
    for (const done of acts) await recordAct(transaction, surroundings, done);
    return null;
  },
};
