/** The page: first how people sign in here, then the workspace of whoever calls. */
import { useEffect, useMemo, useState } from 'preact/hooks';
import type { PageConfig } from '../contracts/sign-in.ts';
import { readConfig } from './api/client.ts';
import type { Token } from './api/token.ts';
import { type ReturnedQuery, SignIn } from './sign-in/sign-in.ts';
import { Problem } from './views/parts.tsx';
import { SignInCard } from './views/sign-in-card.tsx';
import { WorkspaceView } from './views/workspace-view.tsx';

export function App({ returned }: { returned: ReturnedQuery }) {
  const [config, setConfig] = useState<PageConfig>();
  const [token, setToken] = useState<Token>();
  const [problem, setProblem] = useState<string>();
  const signIn = useMemo(() => (config?.signIn === 'oidc' ? new SignIn(config) : undefined), [config]);

  useEffect(() => {
    const fail = (error: unknown) => setProblem(error instanceof Error ? error.message : String(error));
    readConfig().then(setConfig, fail);
  }, []);
  useEffect(() => {
    const fail = (error: unknown) => setProblem(error instanceof Error ? error.message : String(error));
    signIn?.finish(returned).then(setToken, fail);
  }, [signIn]);

  if (config === undefined) return <Opening problem={problem} />;
  if (signIn !== undefined && token === undefined) {
    return (
      <SignInCard
        config={config}
        problem={problem}
        isReturning={returned.isAnswer}
        onSignIn={() => void signIn.begin()}
      />
    );
  }
  return (
    <WorkspaceView
      limits={config.limits}
      token={token}
      {...(signIn && { onSignIn: () => void signIn.begin(), onSignOut: () => signIn.end() })}
    />
  );
}

/** Before the page knows how people sign in. */
function Opening({ problem }: { problem: string | undefined }) {
  return (
    <main>
      <section class="card" data-phase="opening">
        <h1>Bastion</h1>
        <Problem sentence={problem}>
          <button type="button" onClick={() => location.reload()}>
            Try again
          </button>
        </Problem>
        {problem === undefined && <div class="skeleton" aria-hidden="true" />}
      </section>
    </main>
  );
}
