/** An answer of AWS that no check can provoke, because the emulated AWS does not give it by itself. */
export interface Unchecked {
  readonly answer: string;
  /** The reason, and the tests that cover the answer instead. */
  readonly reason: string;
  /** The page of AWS that states it. */
  readonly source: `https://docs.aws.amazon.com/${string}`;
}

/** The answers that only other tests cover. */
export const unchecked: readonly Unchecked[] = [
  {
    answer: 'ECS RunTask: 200 without a task, and the reason in failures[]',
    reason:
      'Both emulators always have capacity. The simulation and test/lambdas/lifecycle return that answer instead.',
    source: 'https://docs.aws.amazon.com/AmazonECS/latest/developerguide/api_failures_messages.html',
  },
  {
    answer: 'AccessDenied to a function: AccessDeniedException, UnauthorizedOperation of EC2',
    reason:
      'The emulated AWS refuses tasks (test/emulator/task-role.test.ts), and functions that change a missing security ' +
      'group (test/emulator/security-groups.test.ts). Other calls of functions are evaluated against their policies ' +
      '(test/least-privilege).',
    source: 'https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html',
  },
  {
    answer: 'DynamoDB ThrottlingException and ProvisionedThroughputExceededException',
    reason: 'Only EC2 and ECS have request rates here. Throttling of any call is among the simulation’s faults.',
    source: 'https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html',
  },
  {
    answer: 'Lambda TooManyRequestsException 429',
    reason:
      'Functions have no limit of simultaneous runs here. Throttling of any call is among the simulation’s faults.',
    source: 'https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html',
  },
];
