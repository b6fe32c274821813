/*
 * Puts a button beside each password field of a form that asks for it with data-show-password.
 * Its words stay the same; that it is pressed is told by aria-pressed. Without a script there is
 * no button, and the form works.
 */
for (const form of document.querySelectorAll("form[data-show-password]")) {
  const hideAll = [];

  for (const input of form.querySelectorAll("input[type=password]")) {
    const label = input.labels[0].textContent.trim().toLowerCase();
    const button = document.createElement("button");
    const rest = document.createElement("span");
    rest.className = "visually-hidden";
    rest.textContent = ` ${label}`;
    button.type = "button";
    button.className = "btn btn-outline-primary btn-sm show-password";
    button.append("Show", rest);
    const show = (yes) => {
      input.type = yes ? "text" : "password";
      button.setAttribute("aria-pressed", yes);
    };
    // What is shown is still a password: no browser may remember, correct or read it out for checking.
    for (const name of ["autocapitalize", "autocorrect"]) input.setAttribute(name, "off");
    input.spellcheck = false;
    button.addEventListener("click", () => show(input.type === "password"));
    show(false);
    input.after(button);
    hideAll.push(() => show(false));
  }

  // Browsers keep what a text field held, for the next time; a password field's they do not.
  const hide = () => hideAll.forEach((each) => each());
  form.addEventListener("submit", hide);
  addEventListener("pagehide", hide);
}
