/** The two containers of a task. One waits for the other. */
export const taskContainers = [
  { name: 'ssh', image: 'ssh:1', essential: true, stopTimeout: 10 },
  {
    name: 'ready',
    image: 'ssh:1',
    essential: false,
    dependsOn: [{ containerName: 'ssh', condition: 'START' as const }],
  },
];
