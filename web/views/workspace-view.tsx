/** The page of a caller: the bastion, the sessions so far, and for admins everybody's. */
import { useEffect, useMemo } from 'preact/hooks';
import type { Limits } from '../../contracts/sign-in.ts';
import type { ApiOptions } from '../api/client.ts';
import { useStore } from '../state/store.ts';
import { Workspace } from '../state/workspace.ts';
import { MyBastion } from './my-bastion.tsx';
import { Brand } from './parts.tsx';
import { Everybody, OwnSessions } from './sessions.tsx';

export interface WorkspaceViewProps {
  readonly limits: Limits;
  readonly token: ApiOptions['token'];
  readonly onSignIn?: () => void;
  readonly onSignOut?: () => void;
}

export function WorkspaceView({ limits, token, onSignIn, onSignOut }: WorkspaceViewProps) {
  const workspace = useMemo(() => new Workspace(token), [token]);
  useEffect(() => workspace.open(), [workspace]);
  const { caller, own } = useStore(workspace);
  const { isLive, problem } = useStore(workspace.bastion);
  // The card comes first, so that it pushes no list down.
  const hasCard = isLive !== undefined || problem !== undefined;
  return (
    <>
      <header class="top">
        <Brand />
        <p class="who">
          {caller && (
            <>
              <span class="name">{caller.user}</span>
              {caller.isAdmin && <span class="tag">admin</span>}
            </>
          )}
          {onSignOut && (
            <button type="button" class="quiet" onClick={onSignOut}>
              Sign out
            </button>
          )}
        </p>
      </header>
      <main>
        <MyBastion bastion={workspace.bastion} limits={limits} onSignIn={onSignIn} />
        {hasCard && own && <OwnSessions history={own} />}
        {hasCard && own && caller?.isAdmin && (
          <Everybody
            own={own}
            history={workspace.all}
            limits={limits}
            onStop={(user) => void workspace.stopFor(user)}
          />
        )}
      </main>
    </>
  );
}
