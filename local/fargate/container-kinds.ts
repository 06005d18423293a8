/** The ways to run a task's containers on this machine. */
export const containerKinds = ['processes', 'docker'] as const;
export type ContainerKind = (typeof containerKinds)[number];
