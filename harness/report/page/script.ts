/** All that moves: tables are sorted by a click on a column, and everything opens for a printer. */
export const SCRIPT = `
for (const table of document.querySelectorAll('table.sortable')) {
  const heads = [...table.tHead.rows[0].cells];
  heads.forEach((head, column) => {
    head.tabIndex = 0;
    head.setAttribute('role', 'columnheader button');
    const sort = () => {
      const isUp = head.getAttribute('aria-sort') !== 'ascending';
      heads.forEach((other) => other.removeAttribute('aria-sort'));
      head.setAttribute('aria-sort', isUp ? 'ascending' : 'descending');
      const keyOf = ({ cells }) => cells[column].dataset.sort ?? cells[column].textContent;
      const rows = [...table.tBodies[0].rows].sort((a, b) =>
        keyOf(a).localeCompare(keyOf(b), 'en', { numeric: true }));
      table.tBodies[0].append(...(isUp ? rows : rows.reverse()));
    };
    head.addEventListener('click', sort);
    head.addEventListener('keydown', (event) => {
      if (event.key !== 'Enter' && event.key !== ' ') return;
      event.preventDefault();
      sort();
    });
  });
}
const closed = [];
addEventListener('beforeprint', () => {
  for (const details of document.querySelectorAll('details:not([open])')) {
    details.open = true;
    closed.push(details);
  }
});
addEventListener('afterprint', () => {
  for (const details of closed.splice(0)) details.open = false;
});
`;
