/** The public door of the construct library. */
export type { AgentKind } from '../contracts/agent.ts';
export { Bastions } from './bastions.ts';
export type { BastionsProps, PortRange } from './bastions-props.ts';
export type { BastionsVpc, NetworkProps } from './network-props.ts';
export type { OperationProps } from './operation-props.ts';
export type { PoolProps } from './pool-props.ts';
export { InvalidProps } from './settings/invalid-props.ts';
export type { SignInProps } from './sign-in-props.ts';
export { BastionStack, type BastionStackProps } from './stack.ts';
