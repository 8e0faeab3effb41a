import type { OperationName } from '@cosell/client';
import { nearestNames } from '@cosell/odata';
import { actMembers } from '@cosell/server';
import { type Node, visit } from 'yaml';
import { parseDuration } from './duration.ts';
import { operationNames, readAct, readCall } from './read-action.ts';
import { readExpect, readExpectError } from './read-expectation.ts';
import { namesIn } from './references.ts';
import type { ScenarioStep } from './scenario.ts';
import type { Member, YamlText } from './yaml-text.ts';

const stepKeys = ['step', 'after', 'as', 'act', 'save', 'expect', 'expectError'];
const savedName = /^[A-Za-z]\w*$/;

/** The keys of a step with what they hold. */
type Members = ReadonlyMap<string, Member>;

/** Reads one step. `saved` are the names that steps before have saved; this one's is added. */
export function readStep(yaml: YamlText, node: Node, saved: Set<string>): ScenarioStep | undefined {
  const members = yaml.members(node, {
    what: 'a step',
    known: [...stepKeys, ...actMembers, ...operationNames],
    // Nobody wants to read the names of all operations.
    shown: [...stepKeys, 'and the operations of the API'],
  });
  if (members.size === 0) return undefined;
  checkReferences(yaml, node, saved);
  const text = (name: string) => {
    const member = members.get(name);
    return member === undefined ? yaml.fault(node, `a step needs "${name}"`) : yaml.text(member.value, name);
  };
  const step = { line: yaml.lineOf(node), sentence: text('step') ?? '', as: text('as') ?? '' };
  const action = readAction(yaml, node, members);
  const after = readAfter(yaml, members.get('after'));
  const save = readSave(yaml, members.get('save'));
  const expect = readExpect(yaml, members.get('expect'));
  const expectError = readExpectError(yaml, members.get('expectError'));
  if (expect !== undefined && expectError !== undefined) {
    yaml.fault(members.get('expectError')?.key, 'a step is expected to succeed or to be refused, not both');
  }
  if (save !== undefined) saved.add(save);
  if (action === undefined) return undefined;
  return {
    ...step,
    action,
    ...(after === undefined ? {} : { after }),
    ...(save === undefined ? {} : { save }),
    ...(expect === undefined ? {} : { expect }),
    ...(expectError === undefined ? {} : { expectError }),
  };
}

/** The one thing that a step does: a request, or an act of another party. */
function readAction(yaml: YamlText, node: Node, members: Members): ScenarioStep['action'] | undefined {
  const act = members.get('act');
  const calls = operationNames.flatMap((name) => members.get(name) ?? []);
  const [action, second] = act === undefined ? calls : [act, ...calls];
  if (action === undefined) {
    return yaml.fault(node, 'a step needs an action: an operation such as getReferralById, or "act"');
  }
  if (second !== undefined) {
    return yaml.fault(second.key, `a step has one action, and this one has "${action.name}" already`);
  }
  if (action === act) return readAct(yaml, act, members);
  for (const { name, key } of actMembers.flatMap((known) => members.get(known) ?? [])) {
    yaml.fault(key, `"${name}" goes with "act"; for ${action.name} it stands below it`);
  }
  // It was found by the names of the operations.
  return readCall(yaml, action.name as OperationName, action);
}

function readAfter(yaml: YamlText, member: Member | undefined): string | undefined {
  if (member === undefined) return undefined;
  const text = yaml.text(member.value, 'after');
  if (text === undefined) return undefined;
  return parseDuration(text) ?? yaml.fault(member.value, 'after must be a time such as 30 minutes, 2 days or 1 week');
}

function readSave(yaml: YamlText, member: Member | undefined): string | undefined {
  if (member === undefined) return undefined;
  const text = yaml.text(member.value, 'save');
  if (text === undefined || savedName.test(text)) return text;
  return yaml.fault(member.value, 'save must be a name of letters and digits, such as deal');
}

/** A reference must be to what a step before has saved. */
function checkReferences(yaml: YamlText, node: Node, saved: ReadonlySet<string>): void {
  visit(node, {
    Scalar(_key, scalar) {
      if (typeof scalar.value !== 'string') return;
      for (const name of namesIn(scalar.value).filter((one) => !saved.has(one))) {
        const [nearest] = nearestNames(name, [...saved]);
        const known = saved.size === 0 ? 'nothing is saved so far' : `saved so far: ${[...saved].join(', ')}`;
        const advice = nearest === undefined ? known : `did you mean "${nearest}"?`;
        yaml.fault(scalar, `\${${name}} refers to what no step before has saved; ${advice}`);
      }
    },
  });
}
