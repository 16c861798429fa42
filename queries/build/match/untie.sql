-- Takes the weak ties of such persons away; where that has been done, all but what was decided.
delete from link
where rid in (select label.rid from label inner join torn on torn.root = label.root)
    and (is_weak or $all)
    and not starts_with(knot, 'decided');
