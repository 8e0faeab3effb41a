import type { Node } from 'yaml';
import { readStep } from './read-step.ts';
import type { Scenario, ScenarioStep } from './scenario.ts';
import { type Member, type ScenarioFault, YamlText } from './yaml-text.ts';

const scenarioKeys = ['name', 'about', 'startsAt', 'steps'];
const instant = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,7})?)?Z$/;

/** Reads a scenario: whole and in order, or every fault of it in the order of the text. */
export function readScenario(text: string): { scenario: Scenario } | { faults: readonly ScenarioFault[] } {
  const yaml = new YamlText(text);
  const { root } = yaml;
  // Where the text is no YAML, what it seems to say is not worth a word.
  if (yaml.faults.length > 0) return { faults: yaml.faults };
  if (root === undefined) return { faults: [{ line: 1, column: 1, message: 'the file is empty' }] };
  const members = yaml.members(root, { what: 'a scenario', known: scenarioKeys });
  if (members.size === 0) return { faults: yaml.faults };
  const name = readText(yaml, root, members, 'name');
  const about = readText(yaml, root, members, 'about');
  const startsAt = readStart(yaml, members.get('startsAt'));
  const steps = readSteps(yaml, root, members.get('steps'));
  if (yaml.faults.length > 0) {
    return { faults: yaml.faults.toSorted((one, other) => one.line - other.line || one.column - other.column) };
  }
  return { scenario: { name, about, ...(startsAt === undefined ? {} : { startsAt }), steps } };
}

function readText(yaml: YamlText, root: Node, members: ReadonlyMap<string, Member>, name: string): string {
  const member = members.get(name);
  if (member !== undefined) return yaml.text(member.value, name) ?? '';
  yaml.fault(root, `a scenario needs "${name}"`);
  return '';
}

function readStart(yaml: YamlText, member: Member | undefined): string | undefined {
  if (member === undefined) return undefined;
  const text = yaml.text(member.value, 'startsAt');
  if (text === undefined || (instant.test(text) && !Number.isNaN(Date.parse(text)))) return text;
  return yaml.fault(member.value, 'startsAt must be an instant such as 2025-02-01T09:00:00Z');
}

function readSteps(yaml: YamlText, root: Node, member: Member | undefined): ScenarioStep[] {
  if (member === undefined) {
    yaml.fault(root, 'a scenario needs "steps"');
    return [];
  }
  const saved = new Set<string>();
  const nodes = yaml.items(member.value, 'steps');
  if (nodes?.length === 0) yaml.fault(member.value, 'steps must have at least one item');
  return (nodes ?? []).flatMap((node) => readStep(yaml, node, saved) ?? []);
}
