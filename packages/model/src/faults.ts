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
  invalidOperation: 'An operation of a patch has not the form of RFC 6902, or is none of "add" and "replace".',
  invalidPointer: 'A JSON pointer of a patch leads nowhere.',
  unknownMember: 'The member is not known; the nearest name is given.',
  readOnlyMember: 'Only the exchange sets this member.',
  frozenMember: 'The member was set when the referral was created and stays.',
  solutionRequired: 'A shared referral has no solution.',
  customerContactRequired: 'Help is asked for, and no contact at the customer is named in full.',
  sharingRequired: 'Help is asked for, and Microsoft may not see the referral.',
  engagementNotAvailable: 'The caller has no open record of his own in such an engagement.',
  secondOpenRecord: 'The organisation has an open record in the engagement already.',
  targetNotAvailable: 'No organisation takes referrals at this target.',
  tooManyReceivers: 'Two organisations are targeted at once.',
  tooManyItems: 'A list is longer than it may be.',
  ambiguousMember: 'Two members differ only in the case of their letters.',
  malformedPatch: 'A patch is no list of operations of RFC 6902.',
  malformedPointer: 'A path of a patch is no JSON pointer of RFC 6901.',
  pathNotFound: 'A path of a patch leads to nothing.',
  invalidIndex: 'A path of a patch names an item that the list does not have.',
  testFailed: 'A value is not the one that a patch tests for.',
  movedIntoItself: 'A patch moves a value into itself.',
  notRemovable: 'A patch removes the whole document.',
  patchTooLarge: 'The copies of a patch make too many values.',
  oneSolution: 'A registration has no solution, or several.',
  invalidCurrency: 'A currency is not of three letters.',
  amountNegative: 'An amount is below zero.',
  annualValueTooLow: 'A contract is worth too little a year to be registered.',
  solutionValueTooHigh: 'A solution is worth more than its contract.',
  signedInFuture: 'A contract is registered before it is signed.',
  signedTooLongAgo: 'A contract was signed too long ago to be registered.',
  signedBeforeDeal: 'A contract was signed before its deal or the invitation of Microsoft.',
  signedTooLate: 'A pay-as-you-go contract was signed too late after its deal.',
  startedTooLongAgo: 'A contract began too long ago to be registered.',
  endsBeforeStart: 'A contract ends before it begins.',
  notDeployedOnAzure: 'A solution that does not run on Azure is registered.',
  dealNotWon: 'A deal that is not won is registered.',
  dealNotShared: 'A private deal is registered.',
  solutionAssessment: 'A solution assessment is registered.',
  dealValueTooLow: 'A deal is worth too little to be registered.',
  solutionNotEligible: 'A solution that is not eligible for Azure IP co-sell is registered.',
  onlyOneRegistration: 'A deal is registered a second time.',
  registrationRemoved: 'A registration is taken away.',
  registrationNotEditable: 'A registration is changed in a state that does not allow it.',
  registrationMemberFixed: 'A member of a registration is changed that stays as it is.',
  reviewNotAllowed: 'A decision does not fit the state of the registration.',
  exceptionNotAllowed: 'An exception is asked for on a deal that is not closed as won, lost or error.',
  exceptionMalformed: 'A request for an exception has another form than {"justification": "…"}.',
  exceptionTooLong: 'The justification of an exception is too long.',
  exceptionTooLate: 'An exception is asked for too late after the registration.',
  exceptionRepeated: 'An exception is asked for a second time, changed or taken away.',
  duplicateId: 'Two requests of a batch, or a request and a group, have one id.',
  dependencyUnknown:
    'A request of a batch names another one that does not stand before it, or that it does not wait for.',
  groupParted: 'The requests of an atomicity group do not stand together.',
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
