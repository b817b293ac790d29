import { Component, type ReactNode } from 'react';

interface Props {
  readonly children: ReactNode;
}

/** A fault in the window itself ends here. The gateway and the line are not touched by it. */
export class ErrorBoundary extends Component<Props, { readonly broken: boolean }> {
  override readonly state = { broken: false };

  static getDerivedStateFromError(): { readonly broken: boolean } {
    return { broken: true };
  }

  override render(): ReactNode {
    if (!this.state.broken) return this.props.children;
    return (
      <main className="alone">
        <section className="card stack" role="alert">
          <h1>This window broke</h1>
          <p className="soft">Something in it went wrong. The line and the gateway go on without it.</p>
          <div className="row">
            <button type="button" className="btn primary" onClick={() => window.location.reload()}>
              Reload
            </button>
          </div>
        </section>
      </main>
    );
  }
}
