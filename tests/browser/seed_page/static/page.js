// What the article's page says in its last script element, with its options and its modal.
// A test adds or replaces options by `window.testOptions`.
(function () {
  var body = document.body.dataset;
  var ours = body.routes === "ours";
  var here = location.pathname + location.search + location.hash;
  var options = {
    // A minute less, so that the server is not the first to end the session.
    sessionLifetime: Number(body.lifetimeMs) - 60 * 1000,
    timeBeforeWarning: 10 * 60 * 1000,
    minPingInterval: 60 * 1000,
    pingUrl: ours ? "/session/extend" : "/ping",
    logoutUrl: ours ? "/session/end" : "/logout",
    timeoutUrl: "/logged-out?timeout=1&next=" + encodeURIComponent(here),
    activityEvents: "mouseup",
  };
  // Without Bootstrap there is no modal, and the page leaves the warning to the script.
  if (window.jQuery) {
    options.onwarning = function () {
      $("#session-warning-modal").modal("show");
    };
  } else {
    document.getElementById("session-warning-modal").remove();
  }
  for (var name in window.testOptions) options[name] = window.testOptions[name];

  var monitor = sessionMonitor(options);
  window.sessMon = monitor;

  if (window.jQuery) {
    $(document).ready(function () {
      $("#session-warning-modal")
        .modal({ backdrop: "static", keyboard: false, show: false })
        .on("click", "#stay-logged-in", monitor.extendsess)
        .on("click", "#log-out", monitor.logout)
        .find("#remaining-time")
        .text(Math.round(monitor.timeBeforeWarning / 60 / 1000));
    });
  }
})();
