/** The page's one island: venues, filter and the table of opportunities, alive on the stream. */
import { useEffect, useMemo, useState } from "preact/hooks";
import type { VenueStatus } from "../core/app/market.ts";
import type { Mode } from "../core/domain/mode.ts";
import type { Opportunity } from "../core/domain/opportunity.ts";
import { Actions } from "./screener/Actions.tsx";
import { MAX_SHOWN } from "./screener/arrangement.ts";
import { Brand } from "./screener/Brand.tsx";
import { Chips } from "./screener/Chips.tsx";
import { Settings } from "./screener/drawer/Settings.tsx";
import { Headline } from "./screener/Headline.tsx";
import { usePoll } from "./screener/hooks.ts";
import { ModeSwitch } from "./screener/ModeSwitch.tsx";
import { ownView } from "./screener/settings.ts";
import { useLiveState } from "./screener/state.ts";
import { Announcer, Banner, ConnectionState, Empty } from "./screener/Status.tsx";
import { keepingStream } from "./screener/stream.ts";
import { Table } from "./screener/Table.tsx";
import { ThemeToggle } from "./screener/ThemeToggle.tsx";
import { Toolbar } from "./screener/Toolbar.tsx";
import { alertFilter, useAlerts } from "./screener/use_alerts.ts";
import { useSettings } from "./screener/use_settings.ts";
import { Venues } from "./screener/Venues.tsx";
import { isFiltered, linkOf, sameView, unfiltered, type View } from "./screener/view.ts";

export interface ScreenerProps {
  mode: Mode;
  opportunities: Opportunity[];
  venues: VenueStatus[];
  symbols: readonly string[];
  exchanges: readonly string[];
  minNetBps: number;
  /** The view that the address names; undefined where it is bare, and the browser shows what its reader keeps. */
  view: View | undefined;
  /** The server's clock, ms. */
  now: number;
}

export default function Screener(props: ScreenerProps) {
  const { settings, kept, keep } = useSettings();
  const [asked, setAsked] = useState(props.view);
  // One object for one view: another means that the reader asked for something else.
  const view = useMemo(() => asked ?? ownView(settings), [asked, linkOf(ownView(settings))]);
  const alerts = useAlerts(settings.alerts);
  const { live, repaint } = useLiveState(props, view, alerts);
  const { value: { venues }, failed, ask } = usePoll("/venues", 2000, {
    mode: props.mode,
    venues: props.venues,
  });
  live.settle(view);

  const { minNetBps } = settings.alerts;
  useEffect(() => {
    const fits = alerts.on ? alertFilter(view, settings.alerts) : undefined;
    alerts.alerts.watch(fits, live.paused, live.rows.opportunities());
  }, [view, alerts.on, minNetBps, live.paused]);

  const show = (next: View, own = ownView(settings)) => {
    const bare = sameView(next, own);
    setAsked(bare ? undefined : next);
    history.replaceState(null, "", keepingStream(bare ? "/" : linkOf(next)));
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
        <Settings
          settings={settings}
          kept={kept}
          view={view}
          minNetBps={props.minNetBps}
          alerts={alerts}
          onView={show}
          onChange={(change, shown) => {
            const own = ownView(keep(change));
            // What shows nothing can come late, as the browser's answer to a question, when this view is an old one.
            if (shown) show({ ...view, ...shown }, own);
          }}
        />
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
          >
            <Actions view={view} rows={rows} mode={live.mode} />
          </Toolbar>
          {useMemo(() => <Chips view={view} views={settings.views} onView={show} />, [view, settings])}
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
              onClear={() => show(unfiltered(view))}
            />
          )}
          <p class="under">
            <span class="shown">
              {fitting > MAX_SHOWN ? `First ${MAX_SHOWN} of ${fitting}` : `${fitting} of ${open} open`}
            </span>
            <span class="with-script">
              {live.paused
                ? `Paused; ${live.rows.events - live.pausedAt} changes since`
                : "Rows hold still while you point at them; else they are filtered and sorted again every few seconds"}
            </span>
          </p>
        </section>
        <Announcer open={open} best={best} />
      </main>
    </>
  );
}
