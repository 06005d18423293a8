import { containers } from '../../contracts/agent.ts';

/** The two containers of a task. One waits for the other. */
export const taskContainers = [
  { name: containers.ssh, image: 'ssh:1', essential: true, stopTimeout: 10 },
  {
    name: containers.ready,
    image: 'ssh:1',
    essential: false,
    dependsOn: [{ containerName: containers.ssh, condition: 'START' as const }],
  },
];
