import { faultOfTest, isTests, testNames } from './expectations.ts';
import type { Expected, ExpectedError, Placed } from './scenario.ts';
import type { Member, YamlText } from './yaml-text.ts';

/** Reads what the answer of a step must be. */
export function readExpect(yaml: YamlText, member: Member | undefined): Placed<Expected> | undefined {
  if (member === undefined) return undefined;
  const members = yaml.members(member.value, { what: 'expect', known: ['status', 'body'] });
  const body = members.get('body');
  const expected: Expected = {
    ...readStatus(yaml, members.get('status')),
    ...(body === undefined ? {} : { body: yaml.data(body.value) }),
  };
  if (body !== undefined) checkTests(yaml, body, expected.body);
  return yaml.placed(member.value, expected);
}

/** Reads how a step must be refused. */
export function readExpectError(yaml: YamlText, member: Member | undefined): Placed<ExpectedError> | undefined {
  if (member === undefined) return undefined;
  const members = yaml.members(member.value, {
    what: 'expectError',
    known: ['status', 'code', 'innerCode', 'details'],
  });
  const details = members.get('details');
  const codes = details === undefined ? undefined : yaml.items(details.value, 'details');
  return yaml.placed(member.value, {
    ...readStatus(yaml, members.get('status')),
    ...readCode(yaml, members.get('code')),
    ...readCode(yaml, members.get('innerCode')),
    ...(codes === undefined ? {} : { details: codes.flatMap((node) => yaml.text(node, 'a code of details') ?? []) }),
  });
}

function readStatus(yaml: YamlText, member: Member | undefined): { status?: number } {
  if (member === undefined) return {};
  const status = Number(yaml.plain(member.value, 'status') ?? 200);
  if (!(Number.isInteger(status) && status >= 200 && status < 600)) {
    yaml.fault(member.value, 'status must be a status of HTTP, such as 200; that of the referral stands below "body"');
  }
  return { status };
}

function readCode(yaml: YamlText, member: Member | undefined): Record<string, string> {
  const text = member === undefined ? undefined : yaml.plain(member.value, member.name);
  return member === undefined || text === undefined ? {} : { [member.name]: text };
}

/** What begins with "$" in an expectation is a test, and must be one that there is. */
function checkTests(yaml: YamlText, { value: node }: Member, value: unknown): void {
  const walk = (part: unknown, path: readonly (string | number)[]): void => {
    if (typeof part !== 'object' || part === null) return;
    for (const [name, inner] of Object.entries(part)) {
      const here = [...path, name];
      if (!isTests(part)) walk(inner, here);
      else if (!testNames.includes(name)) {
        yaml.unknown(yaml.nodeAt(node, here), name, { what: 'an expectation', known: testNames });
      } else {
        const fault = faultOfTest(name, inner);
        if (fault !== undefined) yaml.fault(yaml.nodeAt(node, here), fault);
      }
    }
  };
  walk(value, []);
}
