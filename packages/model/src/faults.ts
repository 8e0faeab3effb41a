/**
 * What can be wrong with one value of a body or an imported file. The code is stable; clients branch on it. Each fault
 * says where it is (a JSON pointer) and what would be right.
 */
export const faultCodes = {
  invalidJson: 'The text is not JSON; line and column say where.',
  duplicateMember: 'A member name stands twice in one object.',
  invalidText: 'A text holds U+0000 or half a character.',
  tooDeep: 'The document is nested too deep.',
  wrongType: 'The value has another JSON type than the property.',
  missingMember: 'A member that must be there is missing.',
  invalidId: 'An id is not of the form 8-4-4-4-12 hexadecimal digits.',
  invalidDate: 'A date is not of the form that RFC 3339 gives.',
  invalidNumber: 'A text that should hold a number does not.',
  tooManyDigits: 'A number has more digits than Edm.Decimal(18,4) keeps.',
  valueNotAllowed: 'The value is not one of the enumeration.',
  ambiguousMember: 'Two members differ only in the case of their letters.',
} as const satisfies Record<string, string>;

/** The stable code of a fault. */
export type FaultCode = keyof typeof faultCodes;

/** One fault of a document. */
export interface Fault {
  readonly code: FaultCode;
  readonly message: string;
  /** JSON pointer (RFC 6901) of the value. */
  readonly pointer: string;
  /** Where the value begins in the text, in UTF-16 units. */
  readonly offset: number;
}
