-- Falls with every round that moved a label.
select sum(root) from label
