/** The page's one island: venues, filter and the table of opportunities, alive on the stream. */
import { useState } from "preact/hooks";
import type { VenueStatus } from "../core/app/market.ts";
import type { Mode } from "../core/domain/mode.ts";
import type { Opportunity } from "../core/domain/opportunity.ts";
import { MAX_SHOWN } from "./screener/arrangement.ts";
import { Brand } from "./screener/Brand.tsx";
import { Headline } from "./screener/Headline.tsx";
import { usePoll } from "./screener/hooks.ts";
import { ModeSwitch } from "./screener/ModeSwitch.tsx";
import { useLiveState } from "./screener/state.ts";
import { Announcer, Banner, ConnectionState, Empty } from "./screener/Status.tsx";
import { Table } from "./screener/Table.tsx";
import { ThemeToggle } from "./screener/ThemeToggle.tsx";
import { Toolbar } from "./screener/Toolbar.tsx";
import { Venues } from "./screener/Venues.tsx";
import { isFiltered, type View, writeView } from "./screener/view.ts";

export interface ScreenerProps {
  mode: Mode;
  opportunities: Opportunity[];
  venues: VenueStatus[];
  symbols: readonly string[];
  exchanges: readonly string[];
  minNetBps: number;
  view: View;
  /** The server's clock, ms. */
  now: number;
}

export default function Screener(props: ScreenerProps) {
  const [view, setView] = useState(props.view);
  const { live, repaint } = useLiveState(props, view);
  const { value: { venues }, failed, ask } = usePoll("/venues", 2000, {
    mode: props.mode,
    venues: props.venues,
  });
  live.settle(view);

  const show = (next: View) => {
    setView(next);
    history.replaceState(null, "", `/${writeView(next)}`);
  };
  const { rows, fitting, turn } = live.arrangement;
  const { open, best } = live;
  const exchanges = [...new Set([...props.exchanges, ...venues.flatMap((venue) => venue.exchanges)])];

  return (
    <>
      <header class="top">
        <Brand />
        <ConnectionState state={live.connection} />
        <ModeSwitch
          mode={live.mode}
          onSwitched={({ mode }) => {
            if (mode !== live.mode) live.snapshot(mode, []);
            repaint();
            ask();
          }}
        />
        <ThemeToggle />
      </header>
      <main>
        <Headline
          open={open}
          best={best}
          mode={live.mode}
          known={venues.some((venue) => venue.freshQuotes > 0)}
        />
        <Venues venues={venues} failed={failed} />
        <section id="opportunities" class="panel" tabIndex={-1} aria-label="Opportunities">
          <Toolbar
            view={view}
            symbols={props.symbols}
            exchanges={exchanges}
            minNetBps={props.minNetBps}
            paused={live.paused}
            onView={show}
            onPause={() => {
              live.paused = !live.paused;
              live.pausedAt = live.rows.events;
              repaint();
            }}
          />
          <Banner connection={live.connection} lastEvent={live.lastEvent} />
          <div
            class="table-frame"
            data-old={live.connection === "reconnecting" || live.connection === "offline"}
            onPointerEnter={() => live.busy = true}
            onPointerLeave={() => live.busy = false}
          >
            {rows.length > 0 && (
              <Table
                rows={rows}
                turn={turn}
                view={view}
                now={live.now}
                beat={live.beat}
                trendOf={(key) => live.trends.of(key)}
                onSort={(sort, descending) => show({ ...view, sort, descending })}
              />
            )}
          </div>
          {rows.length === 0 && (
            <Empty
              connection={live.connection}
              filtered={isFiltered(view)}
              open={open}
              minNetBps={props.minNetBps}
              symbols={props.symbols.length}
              venues={venues}
              onClear={() => show({ ...view, symbol: "", exchange: "", minNetBps: undefined })}
            />
          )}
          <p class="under">
            <span class="shown">
              {fitting > MAX_SHOWN ? `First ${MAX_SHOWN} of ${fitting}` : `${fitting} of ${open} open`}
            </span>
            <span class="with-script">
              {live.paused
                ? `Paused; ${live.rows.events - live.pausedAt} changes since`
                : "Rows hold still while you point at them, and sort again when you do not"}
            </span>
          </p>
        </section>
        <Announcer open={open} best={best} />
      </main>
    </>
  );
}
